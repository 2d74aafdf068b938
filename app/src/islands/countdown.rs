//! A time span that shrinks while you watch.

use leptos::{html, prelude::*};

/// For how long something goes on: counts down by itself once the browser has brought it to life; until then (and
/// without WebAssembly) it shows what was true when the page was rendered.
#[cfg(feature = "ssr")]
#[component]
pub fn Countdown(
    /// The seconds that are left when the page is rendered.
    left: i64,
    /// The whole span in seconds, for the bar.
    whole: i64,
    /// Whether it is the session that ends: the page may learn that it lives longer.
    #[prop(default = false)]
    of_session: bool,
) -> impl IntoView {
    let left = left.max(0);
    view! {
        <Ticking>
            <span class="countdown" data-state=state(left) data-left=left data-of-session=of_session>
                <span class="countdown-text">{words(left)}</span>
                <meter class="countdown-bar" min="0" max=whole.max(1) value=left aria-hidden="true"></meter>
            </span>
        </Ticking>
    }
    .into_any()
}

/// Brings a countdown to life.
#[island]
pub fn Ticking(
    /// The countdown.
    children: Children,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    #[cfg(feature = "hydrate")]
    super::markup::bring_to_life(root, browser::tick);
    view! { <div class="island" node_ref=root>{children()}</div> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::{cell::Cell, rc::Rc};

    use web_sys::Element;

    use super::{state, words};
    use crate::islands::{
        markup::{number, part},
        tabs::{Word, listen},
        ticks::{Ticks, every_second},
    };

    pub(super) fn tick(root: &Element) -> Option<()> {
        let countdown = part(root, ".countdown")?;
        let text = part(root, ".countdown-text")?;
        let bar = part(root, ".countdown-bar")?;
        let span = Rc::new(Cell::new(number(&countdown, "data-left")?));
        let elapsed = Rc::new(Cell::new(0));
        if countdown.has_attribute("data-of-session") {
            let (span, elapsed) = (Rc::clone(&span), Rc::clone(&elapsed));
            listen(move |word| {
                if let Word::Alive(remaining) = word {
                    span.set(span.get().max(elapsed.get() + remaining.idle_seconds));
                }
            });
        }
        every_second(move |seconds| {
            elapsed.set(seconds);
            let left = (span.get() - seconds).max(0);
            text.set_text_content(Some(&words(left)));
            let _ = bar.set_attribute("value", &left.to_string());
            let _ = countdown.set_attribute("data-state", state(left));
            // A newer part of the page may have taken the place of the one that this is in.
            if text.is_connected() {
                Ticks::GoOn
            } else {
                Ticks::End
            }
        });
        Some(())
    }
}

/// How the countdown looks.
fn state(left: i64) -> &'static str {
    match left {
        ..=0 => "ended",
        1..60 => "soon",
        _ => "running",
    }
}

/// Such as `4 min 58 s`, `23 h 59 min` or `ended`.
pub(super) fn words(seconds: i64) -> String {
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
