//! What the browser brings to life. Everything else on a page is finished when it arrives.

pub mod countdown;
#[cfg(feature = "ssr")]
pub mod loader;
pub mod session_watch;
