//! The provider seen from outside: honest until it is bent, and bent as the test said.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy knows test functions, not the helpers they share"
)]

mod application;
mod bends;
mod faults;
mod honest;
mod keys;
mod outage;
