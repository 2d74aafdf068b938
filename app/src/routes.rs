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

/// All problem pages, in development only; no page of [`PAGES`].
pub const PROBLEMS: &str = "/problems";

/// What a route demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: open to all.
    Nothing,
    /// Somebody is signed in.
    SignedIn,
    /// Somebody is signed in and has this permission.
    Permission(Permission),
}

/// Every page and what it demands. A page that is missing here fails a test.
pub const PAGES: &[(&str, Demand)] = &[
    (LANDING, Demand::Nothing),
    (LOGIN, Demand::Nothing),
    (START, Demand::Nothing),
    (CALLBACK, Demand::Nothing),
    (DASHBOARD, Demand::SignedIn),
    (LOGOUT, Demand::Nothing),
    (SIGNED_OUT, Demand::Nothing),
];

/// What `path` (without trailing slash) demands. What is no page demands nothing: it is a file, a server function with
/// a check of its own, or nothing at all.
pub fn demand(path: &str) -> Demand {
    PAGES
        .iter()
        .find(|(page, _)| *page == path)
        .map_or(Demand::Nothing, |(_, demand)| *demand)
}

#[cfg(feature = "ssr")]
impl From<Demand> for auth::guard::Access {
    fn from(demand: Demand) -> Self {
        match demand {
            Demand::Nothing => Self::Anyone,
            Demand::SignedIn => Self::SignedIn,
            Demand::Permission(permission) => Self::Permission(permission.name()),
        }
    }
}
