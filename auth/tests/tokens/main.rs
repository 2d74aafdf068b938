//! What a token must be like to sign somebody in: a provider that bends it, and the check that notices.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy knows test functions, not the helpers they share"
)]

#[path = "../support/relying_party.rs"]
mod relying_party;

mod access_token;
mod any_claims;
mod bent;
mod dates;
mod id_token;
mod key_rotation;
mod keys;
mod shape;
mod signature;
