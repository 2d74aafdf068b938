//! Forms that do what they say without leaving the page, and sections that come later.
//!
//! A form marked `data-live` is sent as the browser would, but its answer is told in place, and the section around it
//! (`data-section`, which says where it can be had) is shown as it is now. A section marked `data-pending` is asked for at
//! once. Both work without this: the form leads back to its page, the section is a link.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, FormData, HtmlFormElement, SubmitEvent, UrlSearchParams};

use super::{
    ask::{NoAnswer, send, stay},
    markup::{on, part},
    page::{go_to, reload, renew_section},
    portal,
};

const UNREACHED: &str =
    "That did not work just now. Look whether it has happened, and try again in a moment.";

/// Begins for all of the page, also for what comes later.
pub(super) fn begin(body: &Element) {
    on(body, "submit", |event: SubmitEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        if let Some(form) = target.filter(|form| form.has_attribute("data-live")) {
            event.prevent_default();
            // A second click, while the first is under way.
            if !form.has_attribute("aria-busy") {
                spawn_local(submit(form));
            }
        }
    });
    if let Ok(pending) = document().query_selector_all("[data-pending]") {
        for index in 0..pending.length() {
            if let Some(section) = pending
                .get(index)
                .and_then(|node| node.dyn_into::<Element>().ok())
            {
                spawn_local(arrive(section));
            }
        }
    }
}

/// Shows a section that the page did not wait for.
async fn arrive(section: Element) {
    match renew_section(&section).await {
        Ok(_) => {}
        Err(NoAnswer::SignedOut) => reload(),
        Err(NoAnswer::Unreached) => {
            let _ = section.set_attribute("data-failed", "");
        }
    }
}

async fn submit(form: HtmlFormElement) {
    let Some(section) = form.closest("[data-section]").ok().flatten() else {
        // Its page has no place to tell what came of it.
        let _ = form.submit();
        return;
    };
    let _ = form.set_attribute("aria-busy", "true");
    let fields = fields(&form);
    // What is switched shows at once how it is to be; if it does not come to that, how it was.
    flip(&form);
    let outcome = match fields {
        // Not the property: a field may be called `action`.
        Some(fields) => send(&form.get_attribute("action").unwrap_or_default(), &fields).await,
        None => Err(NoAnswer::Unreached),
    };
    let _ = form.remove_attribute("aria-busy");
    let (text, good, section) = match outcome {
        Err(NoAnswer::SignedOut) => return reload(),
        Err(NoAnswer::Unreached) => {
            flip(&form);
            (UNREACHED.to_owned(), false, section)
        }
        Ok(answer) => {
            if let Some(location) = answer.text("location") {
                if answer.is("success") {
                    portal::open(&section, &location);
                } else {
                    go_to(&location);
                }
                return;
            }
            let good = answer.is("success");
            if !good {
                flip(&form);
            }
            // No words: the page is out of date, or may not be used any more.
            let Some(text) = answer.text(if good { "message" } else { "error" }) else {
                return reload();
            };
            // What was typed and not accepted stays to be mended; what is gone does not.
            let renewed = if good || answer.is_gone() {
                renew_section(&section).await.ok()
            } else {
                None
            };
            (text, good, renewed.unwrap_or(section))
        }
    };
    if let Some(place) = part(&section, ".outcome") {
        place.set_text_content(Some(&text));
        let _ = place.set_attribute("data-state", if good { "good" } else { "bad" });
    }
    // That was a request like any other: the session may live longer now, and every tab should know.
    let _ = stay().await;
}

fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let fields = FormData::new_with_form(form).ok()?;
    UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()
}

/// Turns a switch over: what it shows, and what it asks for next.
fn flip(form: &Element) {
    const FLIPPED: [(&str, &str); 2] = [("[role=switch]", "aria-checked"), ("[name=enabled]", "value")];
    if part(form, "[role=switch]").is_none() {
        return;
    }
    for (selector, attribute) in FLIPPED {
        if let Some(element) = part(form, selector) {
            let is_on = element.get_attribute(attribute).as_deref() == Some("true");
            let _ = element.set_attribute(attribute, if is_on { "false" } else { "true" });
        }
    }
}
