//! The pages, one a file.

pub mod callback;
pub mod dashboard;
pub mod initiate;
pub mod landing;
pub mod login;
pub mod logout;
pub mod organization;
pub mod organizations;
pub mod problem;
pub mod problems;
pub mod sessions;
pub mod signed_out;
pub mod start;
