//! The pieces that pages are made of.

pub mod chrome;
pub mod icon;
pub mod time;
