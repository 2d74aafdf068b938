//! An OpenID Connect provider for tests: honest until a test bends it, so that every check of the application can be
//! seen to fail (promise 2).
//!
//! It runs in the test's own process on a loopback port and knows one client, [`CLIENT_ID`], and one person,
//! [`SUBJECT`]. A *bend* changes something it says: it gets the honest thing and returns the bent one. Bends of one
//! thing add up in the order in which they were given. A [`Fault`] changes how an [`Endpoint`] answers. Both take
//! effect at once and last until [`MisbehavingProvider::honest`].
//!
//! ```
//! use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider, Signature};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let provider = MisbehavingProvider::start().await;
//! provider.id_token(|token| token.claim("aud", "someone-else").without("nonce"));
//! provider.id_token(|token| token.signed(Signature::Unpublished));
//! provider.fault_once(Endpoint::Keys, Fault::status(503).header("retry-after", "7"));
//! // … point the application at `provider.issuer()`, begin a sign-in, and follow `provider.authorize(…)` …
//! assert!(provider.requests(Endpoint::Token).is_empty());
//! provider.honest();
//! # }
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test tool: whatever goes wrong must stop the test"
)]

mod answer;
mod authorization;
mod bends;
mod builder;
mod document;
mod endpoint;
mod fault;
mod grants;
mod keys;
mod management;
mod parameters;
mod partial_body;
mod provider;
mod received;
mod server;
mod signature;
mod state;
mod strange_keys;
mod surroundings;
mod token;
mod token_endpoint;
mod tokens;
mod userinfo;

pub use builder::Builder;
pub use document::Document;
pub use endpoint::Endpoint;
pub use fault::Fault;
pub use grants::Issued;
pub use keys::PublishedKeys;
pub use parameters::Parameters;
pub use provider::MisbehavingProvider;
pub use received::{ClientAuthentication, Received};
pub use signature::Signature;
pub use token::Token;

/// The `client_id` of the application under test.
pub const CLIENT_ID: &str = "application-under-test";
/// Its secret. Every character that HTTP Basic and forms encode differently, or not at all, is in it (RFC 6749 §2.3.1).
pub const CLIENT_SECRET: &str = "s3cr€t:/+ %&=é";
/// The `sub` of the one person who signs in here.
pub const SUBJECT: &str = "usr_ada";
