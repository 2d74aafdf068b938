//! Whom to ask for a permission: who can grant it in the organization of the person who lacks it, as of a minute ago at
//! most.

use serde_json::{Value, json};
use time::Duration;

use super::World;

/// Somebody who is active in one organization, with one role.
fn member(id: &str, organization: &str, role: &str) -> Value {
    in_state("ACTIVE", id, organization, role)
}

fn in_state(status: &str, id: &str, organization: &str, role: &str) -> Value {
    let membership = json!({
        "organization_id": organization,
        "membership_status": status,
        "roles": [{ "name": role }],
    });
    json!({ "id": id, "memberships": [membership] })
}

/// Of which one lets change roles.
fn roles() -> Value {
    let role =
        |name: &str, permission: &str| json!({ "name": name, "permissions": [{ "name": permission }] });
    json!([
        role("admin", "sk_org_users_role_change"),
        role("reader", "docs:read"),
        role("writer", "docs:write"),
    ])
}

impl World {
    /// From now on these are the people that the API knows, of whatever organization.
    fn has_people(&self, people: &[Value]) {
        let users = json!(people);
        self.provider
            .management(move |answer| answer.set("users", users.clone()).set("roles", roles()));
    }

    /// Who is named to somebody of `organization` who lacks `permission`.
    async fn administrators(&self, organization: &str, permission: &str) -> Vec<String> {
        let mut session = self.session.clone();
        session.user.claims.insert("oid".to_owned(), organization.into());
        let organization = self.management.organization(&session).unwrap();
        let administrators = organization.administrators(permission).await.unwrap();
        administrators.into_iter().map(|member| member.id).collect()
    }
}

/// Not even right after those of another one were asked for.
///
/// Rules: management-address
#[tokio::test]
async fn nobody_is_told_who_administers_another_organization() {
    let world = World::start().await;
    world.has_people(&[
        member("usr_ada", "org_acme", "admin"),
        member("usr_olga", "org_globex", "admin"),
    ]);
    for round in ["asked for", "kept"] {
        for (organization, administrator) in [("org_acme", "usr_ada"), ("org_globex", "usr_olga")] {
            assert_eq!(
                world.administrators(organization, "docs:read").await,
                [administrator],
                "{organization}, {round}"
            );
        }
    }
    // Members and roles, once for each organization.
    assert_eq!(world.calls(), 4);
}

#[tokio::test]
async fn where_nobody_can_change_roles_those_are_named_who_have_the_very_permission() {
    let world = World::start().await;
    world.has_people(&[
        member("usr_ada", "org_acme", "reader"),
        member("usr_bob", "org_acme", "writer"),
    ]);
    for _ in 0..2 {
        assert_eq!(world.administrators("org_acme", "docs:read").await, ["usr_ada"]);
        assert_eq!(world.administrators("org_acme", "docs:write").await, ["usr_bob"]);
    }
}

#[tokio::test]
async fn who_can_grant_is_asked_for_once_a_minute_and_believed_for_no_longer() {
    let world = World::start().await;
    world.has_people(&[member("usr_ada", "org_acme", "admin")]);
    assert_eq!(world.administrators("org_acme", "docs:read").await, ["usr_ada"]);
    world.has_people(&[member("usr_bob", "org_acme", "admin")]);
    for (seconds, administrator, calls) in [(45, "usr_ada", 2), (16, "usr_bob", 4), (45, "usr_bob", 4)] {
        world.party.clock.advance(Duration::seconds(seconds));
        assert_eq!(
            world.administrators("org_acme", "docs:read").await,
            [administrator]
        );
        assert_eq!(world.calls(), calls, "{administrator}");
    }
}

#[tokio::test]
async fn nobody_is_named_who_has_not_joined_yet_or_is_switched_off() {
    let world = World::start().await;
    world.has_people(&[
        in_state("PENDING_INVITE", "usr_invited", "org_acme", "admin"),
        in_state("INVITE_EXPIRED", "usr_late", "org_acme", "admin"),
        in_state("INACTIVE", "usr_off", "org_acme", "admin"),
        in_state("SOMETHING_NEW", "usr_new", "org_acme", "admin"),
        member("usr_ada", "org_acme", "admin"),
    ]);
    assert_eq!(world.administrators("org_acme", "docs:read").await, ["usr_ada"]);
}
