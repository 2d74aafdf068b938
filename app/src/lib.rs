//! What people see: shell, routes, pages, islands and server functions.
//!
//! Pages render on the server only. What the browser's WebAssembly brings to life are the [`islands`]; everything
//! else is plain HTML that works without it (promise 16), and is not even compiled for the browser.

#[cfg(feature = "ssr")]
pub mod context;
pub mod islands;
pub mod notice;
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
