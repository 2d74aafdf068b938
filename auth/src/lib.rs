//! Sign-in through Scalekit, or any OpenID Connect provider, for a server that keeps every token to itself.
//!
//! This crate has no UI and knows no framework: a server hands it a request's query, cookies and session, and gets
//! back where to send the browser, or an error that says what to tell the person.
//!
//! - [`sign_in`] starts and finishes a sign-in, [`logout`] ends it.
//! - [`client::Client`] speaks OpenID Connect; [`discovery`] and `jwks` know the provider.
//! - [`devices`] are a person's sessions, seen from one of them.
//! - [`session`] is what a signed-in request works with; [`refresh`] keeps its tokens good, [`vault`] seals it, [`store`]
//!   keeps it.
//! - [`management`] does what an organization's administrators ask for, at Scalekit's management API.
//! - [`guard`] decides who may see what.
//! - [`config`], [`clock`], [`seal`], [`secret`] are the ground they stand on.

pub mod claims;
pub mod client;
pub mod clock;
pub mod config;
pub mod devices;
pub mod discovery;
mod flight;
pub mod guard;
pub mod http;
mod json;
mod jwks;
pub mod local_path;
pub mod logout;
pub mod management;
pub mod refresh;
pub mod seal;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod store;
pub mod transaction;
pub mod vault;

/// An error and its causes in one line, for the log.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
