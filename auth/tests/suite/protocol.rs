//! What the provider and the application say to each other: discovery, requests and responses, and everything that can
//! go wrong on the way.

mod authorization_request;
mod authorization_response;
mod client_authentication;
mod discovery;
mod error_response;
mod faults;
mod initiation;
mod logout;
mod pushed_authorization;
mod recency;
mod secrecy;
mod token_response;
mod userinfo;
