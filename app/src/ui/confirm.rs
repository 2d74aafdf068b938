//! What cannot be undone is asked twice; without a script.

use leptos::prelude::*;

/// A quiet button that opens a question with the button that does it.
#[component]
pub fn Confirm(
    /// What the first button says.
    label: &'static str,
    /// What a screen reader hears beyond that: of whom or what.
    of: String,
    /// The question.
    question: String,
    /// The form that does it.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class="button is-quiet">{label}<span class="unseen">" "{of}</span></summary>
            <div class="confirm-question">
                <p>{question}</p>
                {children()}
            </div>
        </details>
    }
}
