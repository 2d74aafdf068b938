//! The paths of this application and what each demands: one table for the router, the guard, the views and the tests
//! (promise 17).

#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::permission::Permission;
#[cfg(feature = "ssr")]
use crate::{
    context::reference,
    pages::problem::ProblemPage,
    problem::{Problem, ProblemKind},
};

/// Checks the access token: a server function, as all that follow.
pub const VALIDATE_TOKEN: &str = "/sessions/validate-token";
/// Renews the tokens.
pub const REFRESH_TOKEN: &str = "/sessions/refresh-token";
/// Prolongs the session.
pub const STAY: &str = "/sessions/stay";
/// Ends one of your other sessions.
pub const END_SESSION: &str = "/sessions/end";
/// Ends all of them.
pub const END_OTHERS: &str = "/sessions/end-others";
/// Calls the organization something else.
pub const SAVE_PROFILE: &str = "/organization/settings/save-profile";
/// Switches a feature on or off.
pub const SET_FEATURE: &str = "/organization/settings/set-feature";
/// Invites somebody.
pub const INVITE_MEMBER: &str = "/organization/settings/invite-member";
/// Sends an invitation again.
pub const RESEND_INVITATION: &str = "/organization/settings/resend-invitation";
/// Gives a member another role.
pub const CHANGE_ROLE: &str = "/organization/settings/change-role";
/// Takes a member out of the organization.
pub const REMOVE_MEMBER: &str = "/organization/settings/remove-member";
/// Switches a connection on or off.
pub const SWITCH_CONNECTION: &str = "/organization/settings/switch-connection";
/// Opens the admin portal.
pub const OPEN_PORTAL: &str = "/organization/settings/open-portal";
/// Switches a directory on or off.
pub const SWITCH_DIRECTORY: &str = "/organization/settings/switch-directory";
/// Adds a domain.
pub const ADD_DOMAIN: &str = "/organization/settings/add-domain";
/// Removes a domain.
pub const REMOVE_DOMAIN: &str = "/organization/settings/remove-domain";
/// Changes how long people stay signed in.
pub const SET_SESSION_POLICY: &str = "/organization/settings/set-session-policy";

/// All problem pages, in development only; no page of [`PAGES`].
pub const PROBLEMS: &str = "/problems";

/// What a route demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: open to all.
    Nothing,
    /// Somebody is signed in.
    SignedIn,
    /// Somebody is signed in, and has proved within the last ten minutes who they are.
    RecentSignIn,
    /// Somebody is signed in and has all these permissions.
    Permissions(&'static [Permission]),
}

/// Declares the pages: each with its path, what it demands, and the component that shows it.
macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident = $path:tt, $demand:expr, $view:path;)*) => {
        $(
            $(#[$doc])*
            pub const $name: &str = $path;
        )*

        /// Every page and what it demands.
        pub const PAGES: &[(&str, Demand)] = &[$(($name, $demand)),*];

        /// The page that the address names, or the one that says there is none.
        ///
        /// Asynchronous rendering throughout: the status and the redirect are known before the first byte leaves, and
        /// pages need no script to assemble themselves.
        #[cfg(feature = "ssr")]
        #[component]
        pub(crate) fn Pages() -> impl IntoView {
            view! {
                <Router>
                    <Routes fallback=not_found>
                        $(<Route path=path!($path) view=$view ssr=SsrMode::Async/>)*
                    </Routes>
                </Router>
            }
        }
    };
}

pages! {
    /// The landing page.
    LANDING = "/", Demand::Nothing, crate::pages::landing::LandingPage;
    /// How to sign in.
    LOGIN = "/login", Demand::Nothing, crate::pages::login::LoginPage;
    /// Starts a sign-in.
    START = "/auth/login", Demand::Nothing, crate::pages::start::StartPage;
    /// Where the provider sends people back to.
    CALLBACK = "/auth/callback", Demand::Nothing, crate::pages::callback::CallbackPage;
    /// Begins a sign-in that was initiated elsewhere.
    INITIATE = "/auth/initiate", Demand::Nothing, crate::pages::initiate::InitiatePage;
    /// Signs out.
    LOGOUT = "/logout", Demand::Nothing, crate::pages::logout::LogoutPage;
    /// Where people land after signing out.
    SIGNED_OUT = "/signed-out", Demand::Nothing, crate::pages::signed_out::SignedOutPage;
    /// Who you are.
    DASHBOARD = "/dashboard", Demand::SignedIn, crate::pages::dashboard::DashboardPage;
    /// The token inspector, and your devices.
    SESSIONS = "/sessions", Demand::SignedIn, crate::pages::sessions::SessionsPage;
    /// The organizations that you are in.
    ORGANIZATIONS = "/organizations", Demand::SignedIn, crate::pages::organizations::OrganizationsPage;
    /// Administers the organization.
    SETTINGS = "/organization/settings", Demand::Permissions(&[Permission::OrganizationSettings]),
        crate::pages::organization::SettingsPage;
    /// Its profile and features.
    PROFILE = "/organization/settings/profile", Demand::Permissions(&[Permission::OrganizationSettings, Permission::SettingsRead]),
        crate::pages::organization::SettingsPage;
    /// Its people.
    MEMBERS = "/organization/settings/members", Demand::Permissions(&[Permission::OrganizationSettings, Permission::UsersRead]),
        crate::pages::organization::SettingsPage;
    /// What they may be.
    ROLES = "/organization/settings/roles", Demand::Permissions(&[Permission::OrganizationSettings, Permission::UsersRead]),
        crate::pages::organization::SettingsPage;
    /// How they sign in, and the admin portal.
    SINGLE_SIGN_ON = "/organization/settings/single-sign-on", Demand::Permissions(&[Permission::OrganizationSettings, Permission::SsoRead]),
        crate::pages::organization::SettingsPage;
    /// Where they are synchronized from.
    DIRECTORIES = "/organization/settings/directories", Demand::Permissions(&[Permission::OrganizationSettings, Permission::ScimRead]),
        crate::pages::organization::SettingsPage;
    /// Where their addresses are.
    DOMAINS = "/organization/settings/domains", Demand::Permissions(&[Permission::OrganizationSettings, Permission::SettingsRead]),
        crate::pages::organization::SettingsPage;
    /// How long they stay signed in.
    SESSION_POLICY = "/organization/settings/session-policy", Demand::Permissions(&[Permission::OrganizationSettings, Permission::SessionPolicyRead]),
        crate::pages::organization::SettingsPage;
}

#[cfg(feature = "ssr")]
fn not_found() -> impl IntoView {
    let problem = Problem::new(ProblemKind::NotFound, reference().0);
    view! { <ProblemPage problem/> }
}

/// Every server function for signed-in people and what it demands: `POST` alone, JSON unless a form on a page asks. The
/// server does not start with one that is missing here.
pub const FUNCTIONS: &[(&str, Demand)] = &[
    (VALIDATE_TOKEN, Demand::SignedIn),
    (REFRESH_TOKEN, Demand::SignedIn),
    (STAY, Demand::SignedIn),
    (END_SESSION, Demand::RecentSignIn),
    (END_OTHERS, Demand::RecentSignIn),
    (
        SAVE_PROFILE,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::SettingsManage]),
    ),
    (
        SET_FEATURE,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::SettingsManage]),
    ),
    (
        INVITE_MEMBER,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::UsersInvite]),
    ),
    (
        RESEND_INVITATION,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::UsersInvite]),
    ),
    (
        CHANGE_ROLE,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::UsersRoleChange]),
    ),
    (
        REMOVE_MEMBER,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::UsersDelete]),
    ),
    (
        SWITCH_CONNECTION,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::SsoManage]),
    ),
    (
        OPEN_PORTAL,
        Demand::Permissions(&[
            Permission::OrganizationSettings,
            Permission::SsoManage,
            Permission::ScimManage,
        ]),
    ),
    (
        SWITCH_DIRECTORY,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::ScimManage]),
    ),
    (
        ADD_DOMAIN,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::SettingsManage]),
    ),
    (
        REMOVE_DOMAIN,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::SettingsManage]),
    ),
    (
        SET_SESSION_POLICY,
        Demand::Permissions(&[Permission::OrganizationSettings, Permission::SessionPolicyManage]),
    ),
];

/// The server functions that are open to all: those that signing in is made of.
pub const OPEN_FUNCTIONS: &[&str] = &[
    "/api/begin-sign-in",
    "/api/exchange-code",
    "/api/initiate-sign-in",
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

/// Where somebody proves again who they are, and comes back from to `next`.
#[cfg(feature = "ssr")]
pub fn prove_and_go_to(next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("prompt", "login")
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
            Demand::RecentSignIn => Self::RecentSignIn,
            Demand::Permissions(permissions) => {
                Self::Permissions(permissions.iter().map(|permission| permission.name()).collect())
            }
        }
    }
}
