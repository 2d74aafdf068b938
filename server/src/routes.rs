//! What is not a page of the application: the gallery of problems, health, signing out, and the way into Leptos.

pub mod gallery;
pub mod health;
pub mod logout;
pub mod page;
