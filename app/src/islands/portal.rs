//! Scalekit's admin portal in a frame on our page. What it tells us is believed only if it comes from that frame, and from
//! the origin that the link leads to.

use std::cell::RefCell;

use js_sys::Reflect;
use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, Event, HtmlDialogElement, HtmlIFrameElement, MessageEvent, Url};

use super::{
    markup::{on, part},
    page::renew_section,
};

thread_local! {
    /// The portal that is open.
    static OPEN: RefCell<Option<Portal>> = const { RefCell::new(None) };
}

struct Portal {
    frame: HtmlIFrameElement,
    dialog: HtmlDialogElement,
    origin: String,
}

/// Opens the portal at `location` in the dialog of `section`, or offers a link where it may not be framed.
pub(super) fn open(section: &Element, location: &str) {
    if show(section, location).is_none() {
        offer(section, location);
    }
}

fn show(section: &Element, location: &str) -> Option<()> {
    let dialog: HtmlDialogElement = part(section, "dialog")?.dyn_into().ok()?;
    let place = part(&dialog, ".portal-frame")?;
    let origin = Url::new(location).ok()?.origin();
    // The page's policy lets no other origin into a frame.
    if dialog.get_attribute("data-origin")? != origin {
        return None;
    }
    let frame: HtmlIFrameElement = document().create_element("iframe").ok()?.dyn_into().ok()?;
    frame.set_src(location);
    frame.set_title("Admin portal");
    let _ = frame.set_attribute("allow", "clipboard-write");
    place.replace_children_with_node_1(&frame);
    dialog.show_modal().ok()?;
    let is_first = OPEN.with_borrow(Option::is_none);
    let portal = Portal {
        frame,
        dialog: dialog.clone(),
        origin,
    };
    OPEN.set(Some(portal));
    on(&dialog, "close", move |_: Event| {
        place.replace_children_with_node_0();
        spawn_local(renew_what_it_changes());
    });
    if is_first {
        // For as long as the page lives.
        std::mem::forget(window_event_listener(ev::message, |event| hear(&event)));
    }
    Some(())
}

fn hear(event: &MessageEvent) {
    let told = OPEN.with_borrow(|open| {
        let portal = open.as_ref()?;
        let own = portal.frame.content_window()?;
        let is_own = event.origin() == portal.origin
            && event
                .source()
                .is_some_and(|source| JsValue::from(source) == JsValue::from(own));
        let name = Reflect::get(&event.data(), &"event_type".into())
            .ok()?
            .as_string()?;
        is_own.then(|| (name, portal.dialog.clone()))
    });
    let Some((name, dialog)) = told else { return };
    match name.as_str() {
        "PORTAL_SESSION_EXPIRY" => dialog.close(),
        name if name.starts_with("ORGANIZATION_") => spawn_local(renew_what_it_changes()),
        _ => {}
    }
}

/// The sections that show what the portal sets up.
async fn renew_what_it_changes() {
    // Not the one with the dialog in it while that is open.
    let is_open = OPEN.with_borrow(|open| open.as_ref().is_some_and(|portal| portal.dialog.open()));
    for id in ["single-sign-on", "directories"] {
        if let Some(section) = document().get_element_by_id(id)
            && !(is_open && part(&section, "dialog").is_some())
        {
            let _ = renew_section(&section).await;
        }
    }
}

/// A link, which works in a window of its own.
fn offer(section: &Element, location: &str) -> Option<()> {
    let place = part(section, ".outcome")?;
    let link = document().create_element("a").ok()?;
    link.set_attribute("href", location).ok()?;
    link.set_attribute("target", "_blank").ok()?;
    link.set_attribute("rel", "noopener").ok()?;
    link.set_text_content(Some("Open the admin portal in a new window"));
    place.replace_children_with_node_1(&link);
    Some(())
}
