//! Where operations go: each to a place of its own in the organization of the person who asks, and nowhere else,
//! whatever its parameters are.

use auth::management::{Feature, Invitation, ManagementError, MembersQuery, PolicyChange, ProfileChange};
use misbehaving_provider::{Endpoint, MisbehavingProvider};
use serde_json::{Value, json};

use super::{World, id};
use crate::assert_refused;

/// Asserts what the API was last asked.
macro_rules! assert_asked {
    ($world:expr, $line:expr) => {
        assert_asked!($world, $line, Value::Null)
    };
    ($world:expr, $line:expr, $said:expr) => {
        assert_eq!($world.asked(), ($line.to_owned(), $said))
    };
}

/// Rules: management-address
#[tokio::test]
async fn what_concerns_the_organization_itself_goes_to_its_place() {
    let world = World::start().await;
    let organization = &world.organization;
    organization.profile().await.unwrap();
    assert_asked!(world, "GET /api/v1/organizations/org_acme");

    let change = ProfileChange {
        display_name: "Acme & Sons".to_owned(),
        slug: String::new(),
        external_id: "7".to_owned(),
        logo_url: String::new(),
    };
    organization.update_profile(&change).await.unwrap();
    assert_asked!(
        world,
        "PATCH /api/v1/organizations/org_acme",
        json!({ "display_name": "Acme & Sons", "external_id": "7", "logo_url": "" })
    );

    let feature = Feature {
        name: "sso".to_owned(),
        enabled: true,
    };
    organization.set_feature(&feature).await.unwrap();
    assert_asked!(
        world,
        "PATCH /api/v1/organizations/org_acme/settings",
        json!({ "features": [{ "name": "sso", "enabled": true }] })
    );

    organization.portal_link().await.unwrap();
    assert_asked!(
        world,
        "PUT /api/v1/organizations/org_acme/portal_links?features=sso&features=dir_sync"
    );

    organization.session_policy().await.unwrap();
    assert_asked!(world, "GET /api/v1/organizations/org_acme/session-policy");
    organization
        .set_session_policy(PolicyChange::Application)
        .await
        .unwrap();
    assert_asked!(
        world,
        "PATCH /api/v1/organizations/org_acme/session-policy",
        json!({ "policy_source": "APPLICATION" })
    );
}

/// Rules: management-address
#[tokio::test]
async fn what_concerns_its_people_goes_to_its_place() {
    let world = World::start().await;
    let organization = &world.organization;
    let everybody = MembersQuery::default();
    organization.members(&everybody).await.unwrap();
    assert_asked!(world, "GET /api/v1/organizations/org_acme/users?page_size=10");

    organization.roles().await.unwrap();
    assert_asked!(
        world,
        "GET /api/v1/organizations/org_acme/roles?include=permissions"
    );

    let invitation = Invitation {
        email: "bob@acme.example",
        role: "member",
        inviter_email: Some("ada@acme.example"),
    };
    organization.invite(&invitation).await.unwrap();
    let membership = json!({ "roles": [{ "name": "member" }], "inviter_email": "ada@acme.example" });
    assert_asked!(
        world,
        "POST /api/v1/organizations/org_acme/users?send_invitation_email=true",
        json!({ "email": "bob@acme.example", "membership": membership })
    );

    organization.resend_invitation(&id("usr_bob")).await.unwrap();
    assert_asked!(
        world,
        "PATCH /api/v1/invites/organizations/org_acme/users/usr_bob/resend",
        json!({})
    );

    organization.set_role(&id("usr_bob"), "admin").await.unwrap();
    assert_asked!(
        world,
        "PATCH /api/v1/memberships/organizations/org_acme/users/usr_bob",
        json!({ "roles": [{ "name": "admin" }] })
    );

    organization.remove(&id("usr_bob")).await.unwrap();
    assert_asked!(
        world,
        "DELETE /api/v1/memberships/organizations/org_acme/users/usr_bob"
    );
}

/// Rules: management-address
#[tokio::test]
async fn what_concerns_domains_connections_and_directories_goes_to_its_place() {
    let world = World::start().await;
    let organization = &world.organization;
    organization.domains().await.unwrap();
    assert_asked!(world, "GET /api/v1/organizations/org_acme/domains");
    organization.add_domain("acme.example").await.unwrap();
    assert_asked!(
        world,
        "POST /api/v1/organizations/org_acme/domains",
        json!({ "domain": "acme.example", "domain_type": "ORGANIZATION_DOMAIN" })
    );
    organization.remove_domain(&id("dom_1")).await.unwrap();
    assert_asked!(world, "DELETE /api/v1/organizations/org_acme/domains/dom_1");

    organization.connections().await.unwrap();
    assert_asked!(world, "GET /api/v1/connections?organization_id=org_acme");
    organization.switch_connection(&id("conn_1"), true).await.unwrap();
    assert_asked!(
        world,
        "PATCH /api/v1/organizations/org_acme/connections/conn_1:enable",
        json!({})
    );

    organization.directories().await.unwrap();
    assert_asked!(world, "GET /api/v1/organizations/org_acme/directories");
    organization.directory_users(&id("dir_1")).await.unwrap();
    assert_asked!(
        world,
        "GET /api/v1/organizations/org_acme/directories/dir_1/users"
    );
    organization.directory_groups(&id("dir_1")).await.unwrap();
    assert_asked!(
        world,
        "GET /api/v1/organizations/org_acme/directories/dir_1/groups"
    );
    world.provider.management(|answer| answer.set("enabled", false));
    organization.switch_directory(&id("dir_1"), false).await.unwrap();
    assert_asked!(
        world,
        "PATCH /api/v1/organizations/org_acme/directories/dir_1:disable",
        json!({})
    );
}

/// Rules: management-address
#[tokio::test]
async fn what_concerns_a_person_goes_to_the_one_who_asks() {
    let world = World::start().await;
    world.management.memberships(&world.session).await.unwrap();
    assert_asked!(world, "GET /api/v1/users/usr_ada");
    world.management.provider_sessions(&world.session).await.unwrap();
    assert_asked!(
        world,
        "GET /api/v1/users/usr_ada/sessions?page_size=100&filter.status=active"
    );
    world.management.revoke_session(&id("ses_1")).await.unwrap();
    assert_asked!(world, "POST /api/v1/sessions/ses_1/revoke", json!({}));
}

/// Rules: management-address
#[tokio::test]
async fn an_issuer_with_a_path_has_its_management_api_below_that() {
    let provider = MisbehavingProvider::builder()
        .issuer_path("/realms/acme")
        .start()
        .await;
    let world = World::at(provider).await;
    world.read().await.unwrap();
    assert_asked!(world, "GET /realms/acme/api/v1/organizations/org_acme");
}

/// Rules: management-address
#[tokio::test]
async fn no_organization_of_a_session_leads_to_another_address() {
    let mut world = World::start().await;
    for odd in [
        json!(""),
        json!("."),
        json!(".."),
        json!("../users/usr_bob"),
        json!("org_acme/../org_evil"),
        json!("org_acme%2f..%2forg_evil"),
        json!("org_acme?organization_id=org_evil"),
        json!("org_acme#"),
        json!("org_acme:enable"),
        json!("org\nacme"),
        json!("org_\u{e4}"),
        json!("o".repeat(129)),
        json!(5),
        json!(["org_acme"]),
        Value::Null,
    ] {
        world.session.user.claims.insert("oid".to_owned(), odd.clone());
        assert!(world.management.organization(&world.session).is_none(), "{odd}");
    }
    world.session.user.claims.remove("oid");
    assert!(world.management.organization(&world.session).is_none(), "none");
    assert_eq!((world.token_requests(), world.calls()), (0, 0));
}

/// Rules: management-address
#[tokio::test]
async fn no_subject_of_a_session_leads_to_another_address() {
    let mut world = World::start().await;
    for odd in [
        "",
        "..",
        "../organizations/org_evil",
        "auth0|ada",
        "usr_ada/sessions",
        "ada@acme",
    ] {
        odd.clone_into(&mut world.session.user.sub);
        let memberships = world.management.memberships(&world.session).await.map(drop);
        let sessions = world.management.provider_sessions(&world.session).await.map(drop);
        for outcome in [memberships, sessions] {
            assert_refused!(outcome.map_err(Box::new), ManagementError::NotFound, odd);
        }
    }
    assert_eq!((world.token_requests(), world.calls()), (0, 0));
}

/// Rules: management-address
#[tokio::test]
async fn whatever_a_person_types_stays_a_parameter() {
    let world = World::start().await;
    let typed = "../org_evil/users?page_size=1000&query=*#\u{e4}%2f ;+\"";
    let query = MembersQuery {
        text: typed.to_owned(),
        page_token: Some(typed.to_owned()),
    };
    world.organization.members(&query).await.unwrap();
    let call = world.provider.last_request(Endpoint::Management);
    assert_eq!(call.path, "/api/v1/organizations/org_acme/users:search");
    let parameters: Vec<_> = call.query.iter().collect();
    assert_eq!(
        parameters,
        [("page_size", "10"), ("query", typed), ("page_token", typed)]
    );

    world.organization.add_domain(typed).await.unwrap();
    assert_asked!(
        world,
        "POST /api/v1/organizations/org_acme/domains",
        json!({ "domain": typed, "domain_type": "ORGANIZATION_DOMAIN" })
    );
    world.organization.set_role(&id("usr_bob"), typed).await.unwrap();
    assert_asked!(
        world,
        "PATCH /api/v1/memberships/organizations/org_acme/users/usr_bob",
        json!({ "roles": [{ "name": typed }] })
    );
}

/// Rules: management-address
#[tokio::test]
async fn what_belongs_to_another_organization_is_left_out_of_an_answer() {
    let world = World::start().await;
    world.provider.management(|answer| {
        let connection = |id: &str, organization: &str| json!({ "id": id, "organization_id": organization });
        let person = |id: &str, organizations: &[&str]| {
            let memberships: Vec<_> = organizations
                .iter()
                .map(|organization| json!({ "organization_id": organization }))
                .collect();
            json!({ "id": id, "memberships": memberships })
        };
        let connections = json!([
            connection("conn_evil", "org_evil"),
            connection("conn_acme", "org_acme"),
            { "id": "conn_nobodys" },
        ]);
        let users = json!([
            person("usr_eve", &["org_evil"]),
            person("usr_ada", &["org_evil", "org_acme"]),
            person("usr_nobody", &[]),
        ]);
        answer.set("connections", connections).set("users", users)
    });
    let connections = world.organization.connections().await.unwrap();
    let connections: Vec<_> = connections.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(connections, ["conn_acme"]);
    let members = world
        .organization
        .members(&MembersQuery::default())
        .await
        .unwrap();
    let members: Vec<_> = members.items.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(members, ["usr_ada"]);
}

/// Rules: management-address, rfc9700-2.1
#[tokio::test]
async fn nobody_is_sent_to_a_portal_that_is_not_as_safe_as_the_provider() {
    let world = World::start().await;
    for location in [
        "http://portal.example/link",
        "//portal.example/link",
        "/link",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "",
    ] {
        world
            .provider
            .management(move |answer| answer.set("link", json!({ "location": location })));
        let outcome = world.organization.portal_link().await.map(drop);
        assert_refused!(
            outcome.map_err(Box::new),
            ManagementError::Malformed(why) if why == "portal link",
            location
        );
    }
    let location = "https://portal.example/link?token=1";
    world
        .provider
        .management(move |answer| answer.set("link", json!({ "location": location })));
    let link = world.organization.portal_link().await.unwrap();
    assert_eq!(link.location.as_str(), location);
}
