//! Points in time, readable by people and programs.

use leptos::prelude::*;

use crate::moment::Moment;

/// A point in time.
#[component]
pub fn Time(
    /// When.
    moment: Moment,
) -> impl IntoView {
    view! { <time datetime=moment.machine>{moment.human}</time> }
}
