//! The page as a whole: asking the server for it again, in full or in parts.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{DomParser, Element, Event, SupportedType};

use super::ask::{NoAnswer, this_page};

/// Loads the page anew, so that the server decides what may be shown.
pub(super) fn reload() {
    let _ = window().location().reload();
}

/// Puts in place of each part that is marked `data-fresh` what the server says there now. Islands in it come to life; the
/// loader does that.
pub(super) async fn freshen() -> Result<(), NoAnswer> {
    let html = this_page().await?;
    let parser = DomParser::new().map_err(|_| NoAnswer::Unreached)?;
    let new_page = parser.parse_from_string(&html, SupportedType::TextHtml);
    if let (Ok(new_page), Ok(parts)) = (new_page, document().query_selector_all("[data-fresh]")) {
        for index in 0..parts.length() {
            if let Some(part) = parts.get(index).and_then(|part| part.dyn_into::<Element>().ok())
                && let Some(newer) = new_page.get_element_by_id(&part.id())
                && part.replace_with_with_node_1(&newer).is_ok()
                && let Ok(event) = Event::new("fresh")
            {
                let _ = newer.dispatch_event(&event);
            }
        }
    }
    Ok(())
}
