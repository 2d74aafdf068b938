//! What every request passes through, one concern a file. `router` has the order.

pub mod client_address;
pub mod error_page;
pub mod guard;
pub mod host_cookies;
pub mod reference;
pub mod security_headers;
pub mod session_cookie;
