//! The real router on a real socket, against the emulator: what a browser and an operator would see.

mod configuration;
mod errors;
mod guard;
mod headers;
mod provider_down;
mod restart;
mod sign_in;
mod sign_out;
mod test_app;
mod test_browser;
