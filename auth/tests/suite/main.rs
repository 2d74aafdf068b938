//! Signing in at a provider that misbehaves, and asking its management API: every rule of `auth/tests/rules.toml` that
//! needs no page.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy knows test functions, not the helpers they share"
)]

mod bent;
mod management;
mod open_redirects;
mod protocol;
mod relying_party;
mod tokens;
