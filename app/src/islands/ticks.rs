//! Time that passes while a page is open.

use std::{cell::Cell, rc::Rc, time::Duration};

use leptos::prelude::*;

/// Whether ticks go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ticks {
    /// They do.
    GoOn,
    /// This one was the last.
    End,
}

/// Calls `tick` with the seconds since now: at once, every second, and whenever somebody looks at the page again.
///
/// Counted by differences of the browser's clock, which may be wrong, but goes on while the computer sleeps.
pub(super) fn every_second(tick: impl Fn(i64) -> Ticks + 'static) {
    let started = js_sys::Date::now();
    let interval = Rc::new(Cell::new(None));
    let handle = Rc::clone(&interval);
    let has_ended = Cell::new(false);
    let tick = Rc::new(move || {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a page is not open for 285 million years"
        )]
        let elapsed = ((js_sys::Date::now() - started) / 1000.0) as i64;
        if !has_ended.get() && tick(elapsed) == Ticks::End {
            has_ended.set(true);
            handle.take().inspect(IntervalHandle::clear);
        }
    });
    tick();
    let each = Rc::clone(&tick);
    interval.set(set_interval_with_handle(move || each(), Duration::from_secs(1)).ok());
    // Browsers slow down the intervals of pages that nobody sees.
    let seen = window_event_listener_untyped("visibilitychange", move |_| tick());
    // For as long as the page lives.
    std::mem::forget(seen);
}
