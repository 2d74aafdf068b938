//! The paths of this application and what each demands: one table for the guard, the views and the tests (promise 17).

use crate::permission::Permission;

/// The landing page.
pub const LANDING: &str = "/";
/// How to sign in.
pub const LOGIN: &str = "/login";
/// Starts a sign-in.
pub const START: &str = "/auth/login";
/// Where the provider sends people back to.
pub const CALLBACK: &str = "/auth/callback";
/// Who you are.
pub const DASHBOARD: &str = "/dashboard";
/// Signs out.
pub const LOGOUT: &str = "/logout";
/// Where people land after signing out.
pub const SIGNED_OUT: &str = "/signed-out";

/// What a protected route demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Somebody is signed in.
    SignedIn,
    /// Somebody is signed in and has this permission.
    Permission(Permission),
}

/// Every protected route. What is not here is open to all.
pub const PROTECTED: &[(&str, Demand)] = &[(DASHBOARD, Demand::SignedIn)];

/// What `path` (without trailing slash) demands, if anything.
pub fn demand(path: &str) -> Option<Demand> {
    PROTECTED
        .iter()
        .find(|(protected, _)| *protected == path)
        .map(|(_, demand)| *demand)
}

#[cfg(feature = "ssr")]
impl From<Demand> for auth::guard::Access {
    fn from(demand: Demand) -> Self {
        match demand {
            Demand::SignedIn => Self::SignedIn,
            Demand::Permission(permission) => Self::Permission(permission.name()),
        }
    }
}
