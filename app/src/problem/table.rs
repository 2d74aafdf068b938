//! The table of problems: one row each.

use url::form_urlencoded;

use super::{Problem, ProblemKind};
use crate::routes;

/// All there is to know about a kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its name in logs (`problem.kind`) and metrics, and in the gallery's addresses.
    pub label: &'static str,
    /// What happened, for whoever runs the server.
    pub happened: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// How loud the log is.
    pub level: Level,
    /// After how many seconds trying again makes sense, for problems that heal by themselves.
    pub retry_after: Option<u32>,
    /// What happened, in a few words, for the person.
    pub title: &'static str,
    /// What that means and what to do.
    pub text: &'static str,
    /// The way out.
    pub way_out: WayOut,
}

/// Who must hear of a problem; the louder, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Part of everyday life.
    Info,
    /// Passes by itself, or should.
    Warn,
    /// An operator must act.
    Error,
}

/// Where a problem's page leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WayOut {
    /// What the link says.
    pub label: &'static str,
    /// Where it leads, unless the same request may succeed later.
    pub target: Target,
}

/// Where a way out leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The sign-in page, and from there to where the person wanted to go.
    SignIn,
    /// The start page.
    Landing,
    /// The dashboard.
    Dashboard,
}

const SIGN_IN_AGAIN: WayOut = WayOut {
    label: "Sign in again",
    target: Target::SignIn,
};
const TRY_AGAIN: WayOut = WayOut {
    label: "Try again",
    target: Target::SignIn,
};
const START_PAGE: WayOut = WayOut {
    label: "Go to the start page",
    target: Target::Landing,
};

impl ProblemKind {
    /// All of them, in the order of the documentation and the gallery.
    pub const ALL: [Self; 23] = [
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotSignedIn,
        Self::Forbidden,
        Self::CrossSite,
        Self::BadRequest,
        Self::SignInUnknown,
        Self::SignInExpired,
        Self::InitiationRefused,
        Self::SignInDenied,
        Self::InteractionRequired,
        Self::AccountInactive,
        Self::OrganizationUnknown,
        Self::ConnectionInactive,
        Self::DomainUnknown,
        Self::CodeRefused,
        Self::Misconfigured,
        Self::TokensRefused,
        Self::ProviderUnavailable,
        Self::RenewalUnavailable,
        Self::StoreUnavailable,
        Self::TooSlow,
        Self::Unexpected,
    ];

    /// The kind that is called `label`.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.row().label == label)
    }

    /// Its row.
    #[expect(clippy::too_many_lines, reason = "a table is as long as it is")]
    pub const fn row(self) -> Row {
        match self {
            Self::NotFound => Row {
                label: "not_found",
                happened: "The address is no page and no file.",
                status: 404,
                level: Level::Info,
                retry_after: None,
                title: "There is no page here",
                text: "The address may be mistyped, or the page has moved.",
                way_out: START_PAGE,
            },
            Self::MethodNotAllowed => Row {
                label: "method_not_allowed",
                happened: "The address exists, but not for this HTTP method.",
                status: 405,
                level: Level::Info,
                retry_after: None,
                title: "This page cannot be used that way",
                text: "The address exists, but not for this kind of request. Open it from a link instead.",
                way_out: START_PAGE,
            },
            Self::NotSignedIn => Row {
                label: "not_signed_in",
                happened: "A server function found that the session ended while it was at work. Elsewhere the guard \
                           leads to `/login` before anything happens.",
                status: 401,
                level: Level::Info,
                retry_after: None,
                title: "You are no longer signed in",
                text: "Your session has ended. Sign in again to go on where you were.",
                way_out: SIGN_IN_AGAIN,
            },
            Self::Forbidden => Row {
                label: "forbidden",
                happened: "Somebody signed in lacks the permission that the page demands.",
                status: 403,
                level: Level::Info,
                retry_after: None,
                title: "You may not open this page",
                text: "Your account lacks the permission it needs. Ask an administrator of your organization for it; \
                       it takes effect within minutes, without signing in again.",
                way_out: WayOut {
                    label: "Back to your dashboard",
                    target: Target::Dashboard,
                },
            },
            Self::CrossSite => Row {
                label: "cross_site",
                happened: "A request that changes something came from another site (CSRF).",
                status: 403,
                level: Level::Info,
                retry_after: None,
                title: "That request came from another site",
                text: "It was refused to protect your account. If you meant to do this, open the page here and try \
                       again.",
                way_out: START_PAGE,
            },
            Self::BadRequest => Row {
                label: "bad_request",
                happened: "A parameter is missing, occurs twice, is too long or has an impossible value.",
                status: 400,
                level: Level::Info,
                retry_after: None,
                title: "That request is incomplete",
                text: "Something is missing from the address, occurs twice or makes no sense. Start again from the \
                       sign-in page.",
                way_out: SIGN_IN_AGAIN,
            },
            Self::SignInUnknown => Row {
                label: "sign_in_unknown",
                happened: "The callback's `state` belongs to no sign-in of this browser: another browser, used \
                           already, dropped as the oldest of too many, or cookies are blocked.",
                status: 400,
                level: Level::Info,
                retry_after: None,
                title: "This sign-in cannot be finished here",
                text: "It was started in another browser, has been used already, or cookies are blocked. \
                       Signing in again takes a moment.",
                way_out: SIGN_IN_AGAIN,
            },
            Self::SignInExpired => Row {
                label: "sign_in_expired",
                happened: "More than ten minutes passed between leaving for the provider and coming back.",
                status: 400,
                level: Level::Info,
                retry_after: None,
                title: "That took a little too long",
                text: "For your safety a sign-in must be finished within ten minutes. Please start again.",
                way_out: SIGN_IN_AGAIN,
            },
            Self::InitiationRefused => Row {
                label: "initiation_refused",
                happened: "The token of an IdP-initiated sign-in (`idp_initiated_login`) is too old, not the provider's, \
                           or no such token.",
                status: 400,
                level: Level::Info,
                retry_after: None,
                title: "That link does not work any more",
                text: "Links from your company's portal work for a few minutes. Open this application from the portal \
                       again, or sign in here.",
                way_out: WayOut {
                    label: "Sign in here",
                    target: Target::SignIn,
                },
            },
            Self::SignInDenied => Row {
                label: "sign_in_denied",
                happened: "The provider answered `access_denied` or `unauthorized`.",
                status: 403,
                level: Level::Info,
                retry_after: None,
                title: "Access was denied",
                text: "The sign-in was cancelled, or your organization does not allow it. \
                       If you did not mean to cancel, sign in again; otherwise ask your administrator.",
                way_out: SIGN_IN_AGAIN,
            },
            Self::InteractionRequired => Row {
                label: "interaction_required",
                happened: "The provider answered `login_required` or one of its kin.",
                status: 403,
                level: Level::Info,
                retry_after: None,
                title: "Please sign in yourself",
                text: "The identity provider needs to ask you something before it can sign you in.",
                way_out: SIGN_IN_AGAIN,
            },
            Self::AccountInactive => Row {
                label: "account_inactive",
                happened: "The provider answered `user_not_active`.",
                status: 403,
                level: Level::Info,
                retry_after: None,
                title: "Your account is not active",
                text: "It has been switched off or is not set up yet. Ask an administrator of your organization.",
                way_out: SIGN_IN_AGAIN,
            },
            Self::OrganizationUnknown => Row {
                label: "organization_unknown",
                happened: "The provider knows no such organization or connection (`invalid_organization_id`, \
                           `invalid_connection_id`, `invalid_connection_selector`).",
                status: 403,
                level: Level::Info,
                retry_after: None,
                title: "We do not know that organization",
                text: "Check the organization ID for typing mistakes, or sign in with your work e-mail instead.",
                way_out: WayOut {
                    label: "Choose another way",
                    target: Target::SignIn,
                },
            },
            Self::ConnectionInactive => Row {
                label: "connection_inactive",
                happened: "The organization has no single sign-on that works (`no_active_connections`, \
                           `no_configured_connections`, `connection_not_active`).",
                status: 403,
                level: Level::Info,
                retry_after: None,
                title: "Single sign-on is not switched on",
                text: "Your organization has not set it up yet, or has switched it off. Ask your administrator, or \
                       sign in another way.",
                way_out: WayOut {
                    label: "Choose another way",
                    target: Target::SignIn,
                },
            },
            Self::DomainUnknown => Row {
                label: "domain_unknown",
                happened: "The e-mail address's domain is of no organization, or not of this one \
                           (`domain_not_found`, `invalid_user_domain`).",
                status: 403,
                level: Level::Info,
                retry_after: None,
                title: "We do not know that e-mail domain",
                text: "Use the address that your organization gave you. If that is the one you used, ask your \
                       administrator to add its domain.",
                way_out: WayOut {
                    label: "Use another address",
                    target: Target::SignIn,
                },
            },
            Self::CodeRefused => Row {
                label: "code_refused",
                happened: "The token endpoint answered `invalid_grant`: the code is used up, expired, or not ours.",
                status: 400,
                level: Level::Info,
                retry_after: None,
                title: "That sign-in is no longer valid",
                text: "The identity provider has already ended it. Please sign in again.",
                way_out: SIGN_IN_AGAIN,
            },
            Self::Misconfigured => Row {
                label: "misconfigured",
                happened: "The provider does not accept this application or its request: `invalid_client`, \
                           `unauthorized_client`, `invalid_redirect_uri`, `application_not_active` or any error \
                           that nobody but an operator can mend.",
                status: 502,
                level: Level::Error,
                retry_after: None,
                title: "Sign-in is not set up correctly",
                text: "The identity provider does not accept this application. There is nothing you can do; \
                       tell whoever runs it and give them the reference number.",
                way_out: TRY_AGAIN,
            },
            Self::TokensRefused => Row {
                label: "tokens_refused",
                happened: "The authorization response, the token response, a token or UserInfo did not pass \
                           verification. The log names the check.",
                status: 502,
                level: Level::Error,
                retry_after: None,
                title: "The sign-in could not be verified",
                text: "The identity provider's answer did not pass our checks, so nobody was signed in. \
                       If it happens again, tell whoever runs this application and give them the reference number.",
                way_out: TRY_AGAIN,
            },
            Self::ProviderUnavailable => Row {
                label: "provider_unavailable",
                happened: "The provider is not discovered yet, does not answer in time, or answers 429 or 5xx, \
                           `server_error` or `temporarily_unavailable`.",
                status: 503,
                level: Level::Warn,
                retry_after: Some(10),
                title: "Sign-in is taking a break",
                text: "The identity provider cannot be reached right now. It usually comes back within a minute; \
                       nothing you did is lost.",
                way_out: TRY_AGAIN,
            },
            Self::RenewalUnavailable => Row {
                label: "renewal_unavailable",
                happened: "A session's access token has ended and the provider gives no new one: it does not answer, \
                           answers 429 or 5xx, or refuses this application. Only `invalid_grant` ends a session.",
                status: 503,
                level: Level::Warn,
                retry_after: Some(10),
                title: "We cannot confirm your sign-in right now",
                text: "You are still signed in, but the identity provider does not answer. This page tries again by \
                       itself; nothing you did is lost.",
                way_out: WayOut {
                    label: "Try again",
                    target: Target::Dashboard,
                },
            },
            Self::StoreUnavailable => Row {
                label: "store_unavailable",
                happened: "The session store does not answer, or a record cannot be read.",
                status: 503,
                level: Level::Error,
                retry_after: Some(10),
                title: "We cannot look up your session",
                text: "A part of this application does not answer right now. Wait a moment and try again.",
                way_out: WayOut {
                    label: "Try again",
                    target: Target::Dashboard,
                },
            },
            Self::TooSlow => Row {
                label: "too_slow",
                happened: "The request was not answered within 25 seconds, and is given up: the provider and the \
                           session store were slow one after the other, or the request itself came too slowly.",
                status: 503,
                level: Level::Warn,
                retry_after: Some(10),
                title: "This takes too long",
                text: "A part of this application is slower than it should be. Wait a moment and try again; \
                       nothing you did is lost.",
                way_out: WayOut {
                    label: "Try again",
                    target: Target::Dashboard,
                },
            },
            Self::Unexpected => Row {
                label: "unexpected",
                happened: "A panic, or anything else that should not happen.",
                status: 500,
                level: Level::Error,
                retry_after: None,
                title: "Something went wrong on our side",
                text: "It has been recorded. Try again; if it stays, tell whoever runs this application \
                       and give them the reference number.",
                way_out: START_PAGE,
            },
        }
    }
}

impl Problem {
    /// Where the page's way out leads.
    pub fn way_out(&self) -> String {
        if self.is_repeatable {
            return String::new(); // The same address once more, whatever is in it.
        }
        match (self.kind.row().way_out.target, &self.next) {
            (Target::SignIn, Some(next)) if next != routes::DASHBOARD => {
                let query = form_urlencoded::Serializer::new(String::new())
                    .append_pair("next", next)
                    .finish();
                format!("{}?{query}", routes::LOGIN)
            }
            (Target::SignIn, _) => routes::LOGIN.to_owned(),
            (Target::Landing, _) => routes::LANDING.to_owned(),
            (Target::Dashboard, _) => routes::DASHBOARD.to_owned(),
        }
    }

    /// Tells the log, once, as loudly as the table says.
    pub fn log(&self, error: &str) {
        self.log_up_to(Level::Error, error);
    }

    /// The same, no louder than `loudest`.
    pub fn log_up_to(&self, loudest: Level, error: &str) {
        let (label, status) = (self.kind.row().label, self.status);
        match self.kind.row().level.min(loudest) {
            Level::Info => tracing::info!(problem.kind = label, http.status = status, %error, "refused"),
            Level::Warn => {
                tracing::warn!(problem.kind = label, http.status = status, %error, "failed for now");
            }
            Level::Error => tracing::error!(problem.kind = label, http.status = status, %error, "failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_label_and_a_title_of_its_own() {
        for (position, kind) in ProblemKind::ALL.into_iter().enumerate() {
            assert_eq!(ProblemKind::from_label(kind.row().label), Some(kind));
            for other in ProblemKind::ALL.iter().skip(position + 1) {
                assert_ne!(kind.row().title, other.row().title);
            }
        }
    }

    #[test]
    fn the_way_out_leads_on_to_where_the_person_wanted_to_go() {
        let problem = |kind, next: &str| Problem {
            next: Some(next.to_owned()),
            ..Problem::new(kind, "")
        };
        assert_eq!(
            problem(ProblemKind::SignInExpired, "/sessions?tab=a&b=c").way_out(),
            "/login?next=%2Fsessions%3Ftab%3Da%26b%3Dc"
        );
        assert_eq!(
            problem(ProblemKind::SignInExpired, "/dashboard").way_out(),
            "/login"
        );
        assert_eq!(problem(ProblemKind::NotFound, "/sessions").way_out(), "/");
    }
}
