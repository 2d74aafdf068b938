//! What the provider and the application say to each other: discovery, keys, requests and responses, and everything
//! that can go wrong on the way.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy knows test functions, not the helpers they share"
)]

#[path = "../support/relying_party.rs"]
mod relying_party;

mod authorization_request;
mod authorization_response;
mod client_authentication;
mod discovery;
mod error_response;
mod faults;
mod logout;
mod pushed_authorization;
mod secrecy;
mod token_response;
mod userinfo;
