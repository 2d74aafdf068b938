//! The WebAssembly entry: registers the islands, which the page then brings to life one by one.

// The islands are exported functions of this crate; without a use, the linker would drop them.
use app as _;

/// Called once by the page when the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
