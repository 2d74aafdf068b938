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

/// Checks the access token: a server function.
pub const VALIDATE_TOKEN: &str = "/sessions/validate-token";
/// Renews the tokens: a server function.
pub const REFRESH_TOKEN: &str = "/sessions/refresh-token";
/// Prolongs the session: a server function.
pub const STAY: &str = "/sessions/stay";

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

/// The server functions for signed-in people: `POST` alone, JSON unless a form on a page asks.
pub const FUNCTIONS: &[(&str, Demand)] = &[
    (VALIDATE_TOKEN, Demand::SignedIn),
    (REFRESH_TOKEN, Demand::SignedIn),
    (STAY, Demand::SignedIn),
];

/// What `path` (without trailing slash) demands. What is neither page nor function demands nothing: it is a file or
/// nothing at all.
pub fn demand(path: &str) -> Demand {
    PAGES
        .iter()
        .chain(FUNCTIONS)
        .find(|(known, _)| *known == path)
        .map_or(Demand::Nothing, |(_, demand)| *demand)
}

/// Whether `path` is a server function for signed-in people.
pub fn is_function(path: &str) -> bool {
    FUNCTIONS.iter().any(|(function, _)| *function == path)
}

/// Whether a request of `path` renews tokens that end soon before it is answered (promise 12). Signing in and out must
/// work without that, files need no tokens, and the function that renews does so itself.
pub fn renews(path: &str) -> bool {
    demand(path) != Demand::Nothing && path != REFRESH_TOKEN
}

/// Starts a sign-in that leads to `next`, a path on this origin.
#[cfg(feature = "ssr")]
pub fn start_and_go_to(next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", next)
        .finish();
    format!("{START}?{query}")
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
