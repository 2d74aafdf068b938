//! What a page says about something that a form on it has just done. Fixed texts under fixed names: nothing of the
//! address is repeated (W15).

#[cfg(feature = "ssr")]
const PARAMETER: &str = "notice";

/// What has been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The access token was checked and is good.
    TokenValid,
    /// It is not.
    TokenInvalid,
    /// There are new tokens.
    Refreshed,
    /// There are none.
    NotRefreshed,
}

impl Notice {
    /// For people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::TokenValid => "The access token is valid.",
            Self::TokenInvalid => "The access token is not valid. Refresh it, or sign in again.",
            Self::Refreshed => "You have new tokens.",
            Self::NotRefreshed => {
                "The identity provider gave no new tokens. Your session goes on; try again in a moment."
            }
        }
    }

    /// Whether it is what the person wanted to hear.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::TokenValid | Self::Refreshed)
    }
}

#[cfg(feature = "ssr")]
impl Notice {
    const ALL: [Self; 4] = [
        Self::TokenValid,
        Self::TokenInvalid,
        Self::Refreshed,
        Self::NotRefreshed,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::TokenValid => "token-valid",
            Self::TokenInvalid => "token-invalid",
            Self::Refreshed => "refreshed",
            Self::NotRefreshed => "not-refreshed",
        }
    }

    /// What the address of the page that is rendered says.
    pub fn of_page() -> Option<Self> {
        let name = crate::context::query_parameter(PARAMETER)?;
        Self::ALL.into_iter().find(|notice| notice.name() == name)
    }

    /// The address of a page that says this: `path`, which may have a query, with the parameter.
    pub fn after(self, path: &str) -> String {
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{path}{separator}{PARAMETER}={}", self.name())
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_query() {
        assert_eq!(
            Notice::Refreshed.after("/dashboard"),
            "/dashboard?notice=refreshed"
        );
        assert_eq!(Notice::TokenValid.after("/a?b=c"), "/a?b=c&notice=token-valid");
    }
}
