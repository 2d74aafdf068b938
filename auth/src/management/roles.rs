//! The roles of an organization.

use serde::Deserialize;

use super::{
    ManagementError, Organization,
    shapes::{lenient, lenient_list},
};

/// A role by its names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RoleName {
    /// As it stands in tokens.
    pub name: String,
    /// For people; may be empty.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: String,
}

impl RoleName {
    /// What to call it.
    pub fn label(&self) -> &str {
        label(&self.display_name, &self.name)
    }
}

/// What members may be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Role {
    /// As it stands in tokens.
    pub name: String,
    /// For people; may be empty.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: String,
    /// What it is for.
    #[serde(default, deserialize_with = "lenient")]
    pub description: String,
    /// The role whose permissions it has as well; empty for none.
    #[serde(default, deserialize_with = "lenient")]
    pub extends: String,
    /// Its own permissions.
    #[serde(default, deserialize_with = "lenient_list")]
    pub permissions: Vec<PermissionName>,
    /// Whether only this organization has it.
    #[serde(default, deserialize_with = "lenient")]
    pub is_org_role: bool,
    /// Whether new members get it.
    #[serde(default, deserialize_with = "lenient")]
    pub default_member: bool,
}

/// A permission by its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PermissionName {
    /// `resource:action`.
    pub name: String,
}

impl Role {
    /// What to call it.
    pub fn label(&self) -> &str {
        label(&self.display_name, &self.name)
    }
}

fn label<'a>(display_name: &'a str, name: &'a str) -> &'a str {
    if display_name.trim().is_empty() {
        name
    } else {
        display_name
    }
}

/// Whether the role called `name` is known to bring nothing beyond `permissions`. Nobody gives away more than they have:
/// whoever may invite, but not change roles, would otherwise invite somebody who may.
pub fn brings_no_more(roles: &[Role], name: &str, permissions: &[String]) -> bool {
    let mut line = lineage(roles, name).peekable();
    line.peek().is_some()
        && line.all(|role| {
            // What it inherits from a role that nobody knows, nobody knows either.
            let is_known = role.extends.is_empty() || roles.iter().any(|other| other.name == role.extends);
            is_known
                && role
                    .permissions
                    .iter()
                    .all(|brought| permissions.contains(&brought.name))
        })
}

/// The permissions of the role called `name`, with those that it inherits.
pub(super) fn effective_permissions<'a>(roles: &'a [Role], name: &'a str) -> impl Iterator<Item = &'a str> {
    lineage(roles, name).flat_map(|role| role.permissions.iter().map(|permission| permission.name.as_str()))
}

/// The role called `name`, and those that it builds on.
fn lineage<'a>(roles: &'a [Role], name: &'a str) -> impl Iterator<Item = &'a Role> {
    let named = move |name: &str| roles.iter().find(|role| role.name == name);
    // As many steps as there are roles: two that build on each other end there.
    std::iter::successors(named(name), move |role| named(&role.extends)).take(roles.len())
}

impl Organization {
    /// All roles that its members can have.
    pub async fn roles(&self) -> Result<Vec<Role>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient_list")]
            roles: Vec<Role>,
        }
        let segments = ["organizations", self.id.as_str(), "roles"];
        let call = self.management.get(&segments).query("include", "permissions");
        call.read::<Answer>().await.map(|answer| answer.roles)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn roles(roles: serde_json::Value) -> Vec<Role> {
        serde_json::from_value(roles).unwrap()
    }

    #[test]
    fn a_role_has_the_permissions_of_those_it_builds_on() {
        let roles = roles(json!([
            { "name": "admin", "extends": "member", "permissions": [{ "name": "a:b" }] },
            { "name": "member", "permissions": [{ "name": "c:d" }], "extends": null },
        ]));
        let of = |name| effective_permissions(&roles, name).collect::<Vec<_>>();
        assert_eq!(of("admin"), ["a:b", "c:d"]);
        assert_eq!(of("member"), ["c:d"]);
        assert!(of("nobody").is_empty());
    }

    #[test]
    fn a_role_brings_no_more_only_if_all_that_it_inherits_is_there_already() {
        let roles = roles(json!([
            { "name": "admin", "extends": "member", "permissions": [{ "name": "a:b" }] },
            { "name": "member", "permissions": [{ "name": "c:d" }] },
        ]));
        let own = ["a:b".to_owned()];
        assert!(!brings_no_more(&roles, "admin", &own));
        assert!(!brings_no_more(&roles, "member", &own));
        assert!(brings_no_more(
            &roles,
            "admin",
            &["c:d".to_owned(), "a:b".to_owned()]
        ));
    }

    #[test]
    fn a_role_that_is_not_known_in_full_may_bring_anything() {
        let roles = roles(json!([{ "name": "lead", "extends": "gone", "permissions": [] }]));
        for name in ["lead", "nobody"] {
            assert!(!brings_no_more(&roles, name, &["a:b".to_owned()]), "{name}");
        }
    }

    #[test]
    fn roles_that_build_on_each_other_come_to_an_end() {
        let roles = roles(json!([
            { "name": "a", "extends": "b", "permissions": [{ "name": "a:a" }] },
            { "name": "b", "extends": "a", "permissions": [{ "name": "b:b" }] },
        ]));
        assert_eq!(
            effective_permissions(&roles, "a").collect::<Vec<_>>(),
            ["a:a", "b:b"]
        );
    }
}
