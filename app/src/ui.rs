//! The pieces that pages are made of.

pub mod can;
pub mod chrome;
pub mod icon;
pub mod time;
