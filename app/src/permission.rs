//! The permissions this application knows, each declared once (promise 17).

/// Declares the permissions: each with its name in tokens, and what it lets people do.
macro_rules! permissions {
    ($($variant:ident = $name:literal, $purpose:literal;)*) => {
        /// What a person may be allowed to do. A misspelt permission does not compile.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Permission {
            $(
                #[doc = concat!("`", $name, "`: ", $purpose, ".")]
                $variant,
            )*
        }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in tokens.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it lets people do, to follow "lets you".
            pub const fn purpose(self) -> &'static str {
                match self {
                    $(Self::$variant => $purpose,)*
                }
            }
        }
    };
}

permissions! {
    OrganizationSettings = "organization:settings", "administer the organization";
    SettingsRead = "sk_org_settings_read", "see the organization's profile and domains";
    SettingsManage = "sk_org_settings_manage", "change the organization's profile, features and domains";
    UsersRead = "sk_org_users_read", "see the organization's members and roles";
    UsersInvite = "sk_org_users_invite", "invite members";
    UsersDelete = "sk_org_users_delete", "remove members";
    UsersRoleChange = "sk_org_users_role_change", "change members' roles";
    SsoRead = "sk_org_sso_read", "see single sign-on";
    SsoManage = "sk_org_sso_manage", "set up single sign-on";
    ScimRead = "sk_org_scim_read", "see directory sync";
    ScimManage = "sk_org_scim_manage", "set up directory sync";
    SessionPolicyRead = "sk_org_session_policy_read", "see the session policy";
    SessionPolicyManage = "sk_org_session_policy_manage", "change the session policy";
}

impl Permission {
    /// The permission with this name in tokens.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_a_name_of_its_own() {
        for permission in Permission::ALL {
            assert_eq!(Permission::named(permission.name()), Some(*permission));
        }
        assert_eq!(Permission::named("organization:everything"), None);
    }
}
