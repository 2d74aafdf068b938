//! What a page says about something that a form on it has just done. Fixed texts under fixed names: nothing of the
//! address is repeated (W15).

/// Declares the notices: each with its name in addresses, its status for scripts, and its words for people.
macro_rules! notices {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal, $text:literal;)*) => {
        /// What has been done, or not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Notice {
            $(
                $(#[$doc])*
                $variant,
            )*
        }

        impl Notice {
            /// For people.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        #[cfg(feature = "ssr")]
        impl Notice {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The HTTP status of the answer to a script.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
                }
            }
        }
    };
}

notices! {
    /// The access token was checked and is good.
    TokenValid = "token-valid", 200, "The access token is valid.";
    /// It is not.
    TokenInvalid = "token-invalid", 200, "The access token is not valid. Refresh it, or sign in again.";
    /// There are new tokens.
    Refreshed = "refreshed", 200, "You have new tokens.";
    /// There are none.
    NotRefreshed = "not-refreshed", 200,
        "The identity provider gave no new tokens. Your session goes on; try again in a moment.";

    /// A session ended.
    SessionEnded = "session-ended", 200, "That session has ended.";
    /// All other sessions ended.
    OthersEnded = "others-ended", 200, "All your other sessions have ended.";
    /// There was none to end.
    NothingToEnd = "nothing-to-end", 404, "There is no such session any more.";
    /// They ended here, but the provider could not be told.
    EndedHereOnly = "ended-here-only", 200,
        "Ended here. The identity provider could not be told, and may know that device for a while longer.";

    /// The organization's profile was changed.
    ProfileSaved = "profile-saved", 200, "The profile is saved.";
    /// A feature was switched on or off.
    FeatureSwitched = "feature-switched", 200, "The feature is switched.";
    /// Somebody was invited.
    MemberInvited = "member-invited", 200, "The invitation is on its way.";
    /// An invitation was sent again.
    InvitationResent = "invitation-resent", 200, "The invitation was sent again.";
    /// A member has another role.
    RoleChanged = "role-changed", 200,
        "The role is changed. Whoever has it notices within minutes, without signing in again.";
    /// A member was removed.
    MemberRemoved = "member-removed", 200, "The member is removed.";
    /// A connection was switched on or off.
    ConnectionSwitched = "connection-switched", 200, "Single sign-on is switched.";
    /// A directory was switched on or off.
    DirectorySwitched = "directory-switched", 200, "Directory sync is switched.";
    /// A domain was added.
    DomainAdded = "domain-added", 200, "The domain is added. It counts once it is verified.";
    /// A domain was removed.
    DomainRemoved = "domain-removed", 200, "The domain is removed.";
    /// The session policy was changed.
    PolicySaved = "policy-saved", 200, "The session policy is saved. It holds for new sessions.";
    /// There is a way into the admin portal.
    PortalOpened = "portal-opened", 200, "The admin portal is open.";

    /// What was to be changed is not there.
    NotThere = "not-there", 404, "That is no longer there. Somebody else may have removed it.";
    /// It exists already.
    AlreadyThere = "already-there", 409, "That exists already. Choose something else.";
    /// The value is not acceptable.
    NotAccepted = "not-accepted", 422, "That was not accepted. Check what you entered and try again.";
    /// Nobody may do that to themselves.
    NotYourself = "not-yourself", 409, "Ask another administrator to do that to your own account.";
    /// Nobody gives away more than they have.
    BeyondYou = "beyond-you", 403, "You can only give roles that bring no more than your own.";
    /// Too much at once.
    TooBusy = "too-busy", 429, "Scalekit is busy right now. Try again in a moment; nothing has changed.";
    /// The API does not answer.
    Unreachable = "unreachable", 503,
        "Scalekit does not answer right now. Look whether it has happened before you try again.";
    /// The API does not accept this application.
    NotLetIn = "not-let-in", 502,
        "Scalekit does not let this application do that. Whoever runs it must allow management API access.";
}

impl Notice {
    /// Whether it is what the person wanted to hear.
    pub const fn is_good(self) -> bool {
        !matches!(
            self,
            Self::TokenInvalid
                | Self::NotRefreshed
                | Self::NothingToEnd
                | Self::EndedHereOnly
                | Self::NotThere
                | Self::AlreadyThere
                | Self::NotAccepted
                | Self::NotYourself
                | Self::BeyondYou
                | Self::TooBusy
                | Self::Unreachable
                | Self::NotLetIn
        )
    }
}

#[cfg(feature = "ssr")]
const PARAMETER: &str = "notice";

#[cfg(feature = "ssr")]
impl Notice {
    /// What the address of the page that is rendered says.
    pub fn of_page() -> Option<Self> {
        let name = crate::context::query_parameter(PARAMETER)?;
        Self::ALL.iter().copied().find(|notice| notice.name() == name)
    }

    /// The address of a page that says this: `path`, which may have a query, with the parameter, in place of the one
    /// that it may have.
    pub fn after(self, path: &str) -> String {
        let path = Self::without(path);
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{path}{separator}{PARAMETER}={}", self.name())
    }

    /// The address of a page that says nothing: `path` without the parameter, and otherwise letter for letter.
    pub fn without(path: &str) -> String {
        let Some((page, query)) = path.split_once('?') else {
            return path.to_owned();
        };
        let is_other = |pair: &&str| pair.split('=').next() != Some(PARAMETER);
        let others: Vec<_> = query.split('&').filter(is_other).collect();
        if others.is_empty() {
            page.to_owned()
        } else {
            format!("{page}?{}", others.join("&"))
        }
    }
}

#[cfg(feature = "ssr")]
impl From<&auth::management::ManagementError> for Notice {
    fn from(error: &auth::management::ManagementError) -> Self {
        use auth::management::ManagementError as Error;
        match error {
            Error::Credentials | Error::Denied => Self::NotLetIn,
            Error::NotFound => Self::NotThere,
            Error::Conflict => Self::AlreadyThere,
            Error::Invalid { .. } => Self::NotAccepted,
            Error::Busy { .. } => Self::TooBusy,
            Error::Unavailable(_) | Error::Malformed(_) => Self::Unreachable,
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_query_and_says_one_thing() {
        assert_eq!(
            Notice::Refreshed.after("/dashboard"),
            "/dashboard?notice=refreshed"
        );
        assert_eq!(Notice::TokenValid.after("/a?b=c"), "/a?b=c&notice=token-valid");
        assert_eq!(
            Notice::RoleChanged.after("/a?notice=refreshed&q=x+y"),
            "/a?q=x+y&notice=role-changed"
        );
        assert_eq!(Notice::without("/a?notice=refreshed"), "/a");
        assert_eq!(Notice::without("/a?b=%2F&notice=x&c"), "/a?b=%2F&c");
    }

    #[test]
    fn every_notice_has_a_name_of_its_own_and_a_status_that_fits() {
        for (position, notice) in Notice::ALL.iter().enumerate() {
            let others = Notice::ALL.iter().skip(position + 1);
            assert!(
                others.clone().all(|other| other.name() != notice.name()),
                "{notice:?}"
            );
            assert!(notice.status() == 200 || !notice.is_good(), "{notice:?}");
        }
    }
}
