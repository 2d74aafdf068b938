//! What is not a page: health, signing out, and the way into Leptos.

pub mod health;
pub mod logout;
pub mod page;
