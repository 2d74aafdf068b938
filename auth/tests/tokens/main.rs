//! What a token must be like to sign somebody in: a provider that bends it, and the check that notices.

#[path = "../support/relying_party.rs"]
mod relying_party;

mod id_token;
