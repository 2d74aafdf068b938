//! What the provider and the application say to each other: discovery, keys, requests and responses, and everything
//! that can go wrong on the way.

#[path = "../support/relying_party.rs"]
mod relying_party;

mod userinfo;
