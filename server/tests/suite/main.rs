//! The real router on a real socket, against the emulator: what a browser and an operator would see.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows test functions, not the helpers they share"
)]

mod access_table;
mod configuration;
mod denial;
mod devices;
mod double_callback;
mod errors;
mod faults;
mod gallery;
mod guard;
mod headers;
mod management;
mod organization;
mod organization_refusals;
mod provider_down;
mod refresh;
mod refresh_faults;
mod renewed_tokens;
mod replicas;
mod restart;
mod role_changes;
mod secrecy;
mod sessions_page;
mod sign_in;
mod sign_out;
#[cfg(target_os = "linux")]
mod stop;
mod store_down;
mod strange_cookies;
mod tenants;
mod test_app;
mod test_browser;
mod test_log;
mod test_page;
mod test_world;
mod token_functions;
mod transactions;
mod whatever_comes_in;
