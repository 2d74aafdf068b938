//! The pages, one a file.

pub mod callback;
pub mod dashboard;
pub mod landing;
pub mod login;
pub mod logout;
pub mod problem;
pub mod problems;
pub mod signed_out;
pub mod start;
