//! What islands find in their markup.
//!
//! An island's text and values are in the markup that it is given as children, not in props: to read those, Leptos brings
//! a JSON parser that is a third of all the WebAssembly.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::Element;

/// Calls `act` with the element around an island's markup, once it is there.
pub(super) fn bring_to_life(root: NodeRef<html::Div>, act: fn(&Element) -> Option<()>) {
    // Nothing is missing from markup of the same release.
    Effect::new(move |_| root.get().and_then(|root| act(&root)));
}

/// The part of an island that `selector` describes.
pub(super) fn part(root: &Element, selector: &str) -> Option<Element> {
    root.query_selector(selector).ok().flatten()
}

/// The whole number in an attribute.
pub(super) fn number(element: &Element, attribute: &str) -> Option<i64> {
    element.get_attribute(attribute)?.parse().ok()
}

/// Shows an element, or hides it.
pub(super) fn show(element: &Element, is_shown: bool) {
    let _ = element.toggle_attribute_with_force("hidden", !is_shown);
}

/// Calls `act` whenever the event called `name` reaches `element`, for as long as the page lives.
pub(super) fn on<E: JsCast + FromWasmAbi + 'static>(
    element: &Element,
    name: &str,
    act: impl Fn(E) + 'static,
) {
    let act = Closure::<dyn FnMut(E)>::new(act);
    let _ = element.add_event_listener_with_callback(name, act.as_ref().unchecked_ref());
    act.forget();
}
