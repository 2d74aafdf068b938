//! What people see: shell, routes, pages, islands and server functions.
//!
//! Pages render on the server only. What the browser's WebAssembly brings to life are the [`islands`]; everything
//! else is plain HTML that works without it (promise 16), and is not even compiled for the browser.

#[cfg(feature = "ssr")]
mod claim;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod denial;
pub mod devices;
pub mod done;
pub mod islands;
#[cfg(feature = "ssr")]
pub mod load;
#[cfg(feature = "ssr")]
mod moment;
pub mod notice;
pub mod organization;
#[cfg(feature = "ssr")]
pub mod pages;
pub mod permission;
pub mod problem;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod sign_in;
pub mod tokens;
#[cfg(feature = "ssr")]
pub mod ui;
#[cfg(feature = "ssr")]
pub mod viewer;

#[cfg(feature = "ssr")]
pub use shell::{App, shell};
