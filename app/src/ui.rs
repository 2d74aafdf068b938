//! The pieces that pages are made of.

pub mod card;
pub mod chrome;
pub mod claims;
pub mod confirm;
pub mod gate;
pub mod icon;
pub mod notice;
pub mod switch;
pub mod time;
