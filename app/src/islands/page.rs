//! The page as a whole: asking the server for it again, in full or in parts.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Document, DomParser, Element, Event, HtmlElement, SupportedType};

use super::ask::{NoAnswer, page_at, this_page};

/// Loads the page anew, so that the server decides what may be shown.
pub(super) fn reload() {
    let _ = window().location().reload();
}

/// Leaves for another page.
pub(super) fn go_to(location: &str) {
    let _ = window().location().set_href(location);
}

/// Puts in place of each part that is marked `data-fresh` what the server says there now. Islands in it come to life; the
/// loader does that.
pub(super) async fn freshen() -> Result<(), NoAnswer> {
    let new_page = parsed(&this_page().await?)?;
    if let Ok(parts) = document().query_selector_all("[data-fresh]") {
        for index in 0..parts.length() {
            if let Some(part) = parts.get(index).and_then(|part| part.dyn_into::<Element>().ok())
                && let Some(newer) = new_page.get_element_by_id(&part.id())
            {
                put_in_place(&part, &newer);
            }
        }
    }
    Ok(())
}

/// Puts in place of `section` what the server says at its own address, `data-section`, now.
pub(super) async fn renew_section(section: &Element) -> Result<Element, NoAnswer> {
    let address = section.get_attribute("data-section").ok_or(NoAnswer::Unreached)?;
    let new_page = parsed(&page_at(&address).await?)?;
    let newer = new_page
        .get_element_by_id(&section.id())
        .ok_or(NoAnswer::Unreached)?;
    // Another change may have put a newer one there meanwhile.
    let current = document()
        .get_element_by_id(&section.id())
        .ok_or(NoAnswer::Unreached)?;
    put_in_place(&current, &newer);
    Ok(newer)
}

fn parsed(html: &str) -> Result<Document, NoAnswer> {
    let parser = DomParser::new().map_err(|_| NoAnswer::Unreached)?;
    parser
        .parse_from_string(html, SupportedType::TextHtml)
        .map_err(|_| NoAnswer::Unreached)
}

fn put_in_place(old: &Element, newer: &Element) {
    let focused = document().active_element();
    let had_focus = focused.is_some_and(|focused| old.contains(Some(&focused)));
    if old.replace_with_with_node_1(newer).is_err() {
        return;
    }
    // The page is called after one of its parts.
    if let Some(title) = newer.get_attribute("data-title")
        && let Ok(Some(place)) = document().query_selector("[data-title-of]")
        && place.get_attribute("data-title-of") == Some(newer.id())
    {
        place.set_text_content(Some(&title));
    }
    // Whoever works with the keyboard stays where they were.
    if had_focus && let Some(newer) = newer.dyn_ref::<HtmlElement>() {
        let _ = newer.focus();
    }
    if let Ok(event) = Event::new("fresh") {
        let _ = newer.dispatch_event(&event);
    }
}
