//! What the emulator does, seen from outside: over HTTP, as an application and as a browser.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test, a surprise should panic"
)]

mod application;
mod browser;
mod control;
mod faults;
mod logout;
mod refresh;
mod sign_in;
mod tokens;
