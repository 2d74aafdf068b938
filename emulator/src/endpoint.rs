//! What this environment answers, an endpoint a file.

pub(crate) mod authorize;
pub(crate) mod discovery;
pub(crate) mod introspect;
pub(crate) mod logout;
pub(crate) mod revoke;
pub(crate) mod sign_in;
pub(crate) mod token;
pub(crate) mod userinfo;
