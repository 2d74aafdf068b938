//! An offline Scalekit environment: the provider half of a sign-in, for tests, development and demonstrations.
//!
//! It answers the protocol of a real environment (discovery, keys, authorization, tokens, user information, revocation,
//! introspection, logout) and the part of the management API that an organization's own administrators need, shows a hosted sign-in page of its own, and lets its owner move its clock, shorten its
//! lifetimes, rotate its keys and make it fail. It listens on a loopback address only and keeps everything in memory.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), emulator::StartError> {
//! let emulator = emulator::Emulator::builder()
//!     .redirect_uri("http://localhost:3000/auth/callback")
//!     .start()
//!     .await?;
//! assert!(emulator.issuer().starts_with("http://127.0.0.1:"));
//! emulator.shutdown().await;
//! # Ok(()) }
//! ```

mod claims;
mod client;
mod clock;
mod control;
mod cookie;
mod endpoint;
mod environment;
mod fault;
mod keys;
mod management;
mod page;
mod params;
mod people;
mod random;
mod router;
mod server;
mod store;
mod wire;

pub use control::{ApproveError, Control};
pub use fault::{Endpoint, Fault, Requests};
pub use people::{Membership, MembershipStatus, Organization, Person, Role, organizations, people};
pub use server::{Builder, Emulator, StartError};
pub use store::refreshes::{Replay, Replays};

/// The client id of the one application this environment knows.
pub const CLIENT_ID: &str = "skc_emulator";

/// That application's secret. It protects nothing and is the same everywhere.
pub const CLIENT_SECRET: &str = "emulator-secret-not-for-production";

/// Where the binary listens unless told otherwise.
pub const DEFAULT_ADDR: &str = "127.0.0.1:3300";

/// The code that stands in for the one a real environment sends by e-mail.
pub const SIGN_IN_CODE: &str = "424242";
