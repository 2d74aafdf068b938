//! What people see: shell, routes, pages, islands and server functions.
//!
//! Pages render on the server only. What the browser's WebAssembly brings to life are the [`islands`]; everything
//! else is plain HTML that works without it (promise 16).

#[cfg(feature = "ssr")]
pub mod context;
pub mod islands;
pub mod pages;
pub mod permission;
pub mod problem;
pub mod routes;
pub mod shell;
pub mod sign_in;
pub mod ui;
pub mod viewer;

pub use shell::{App, shell};
