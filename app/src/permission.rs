//! The permissions this application knows, each declared once (promise 17).

/// What a person may be allowed to do. A misspelt permission does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Administer the organization.
    OrganizationSettings,
}

impl Permission {
    /// Its name in tokens: `resource:action`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrganizationSettings => "organization:settings",
        }
    }
}
