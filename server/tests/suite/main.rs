//! The real router on a real socket, against the emulator: what a browser and an operator would see.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy knows test functions, not the helpers they share"
)]

mod configuration;
mod double_callback;
mod errors;
mod faults;
mod gallery;
mod guard;
mod headers;
mod provider_down;
mod restart;
mod secrecy;
mod sign_in;
mod sign_out;
mod store_down;
mod test_app;
mod test_browser;
mod transactions;
mod whatever_comes_in;
