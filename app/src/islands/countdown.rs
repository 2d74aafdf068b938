//! A time span that shrinks while you watch.

#![expect(missing_docs, reason = "`#[island]` makes a struct for the props")]

use leptos::prelude::*;

/// How long until `ends_at`: counts down by itself once the browser has brought it to life; until then (and without
/// WebAssembly) it shows what was true when the page was rendered.
#[island]
pub fn Countdown(
    /// When the span ends, in seconds since 1970.
    ends_at: i64,
    /// When the page was rendered, by the server's clock. The browser's own clock may be wrong, so only its
    /// differences are used.
    now: i64,
    /// The whole span in seconds, for the bar.
    whole: i64,
) -> impl IntoView {
    let elapsed = RwSignal::new(0_i64);
    let remaining = Memo::new(move |_| (ends_at - now - elapsed.get()).max(0));

    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let started = js_sys::Date::now();
        let tick = move || {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a page is not open for 285 million years"
            )]
            elapsed.set(((js_sys::Date::now() - started) / 1000.0) as i64);
        };
        if let Ok(handle) = set_interval_with_handle(tick, std::time::Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
    });

    let state = move || match remaining.get() {
        0 => "ended",
        1..60 => "soon",
        _ => "running",
    };
    view! {
        <span class="countdown" data-state=state>
            <span class="countdown-text">{move || words(remaining.get())}</span>
            <meter class="countdown-bar" min="0" max=whole.max(1) value=move || remaining.get() aria-hidden="true"></meter>
        </span>
    }
}

/// Such as `4 min 58 s`, `23 h 59 min` or `ended`.
fn words(seconds: i64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "ended".to_owned(),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) if hours < 48 => format!("{hours} h {minutes:02} min"),
        (hours, ..) => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn spans_are_told_in_their_two_largest_units() {
        let told: Vec<_> = [0, 1, 59, 60, 299, 3600, 86_399, 200_000]
            .into_iter()
            .map(words)
            .collect();
        let expected = [
            "ended",
            "1 s",
            "59 s",
            "1 min 00 s",
            "4 min 59 s",
            "1 h 00 min",
            "23 h 59 min",
            "2 days",
        ];
        assert_eq!(told, expected);
    }
}
