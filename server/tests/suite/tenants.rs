//! One organization's administrator and another organization: no crafted request reaches it, and after a switch nothing of
//! the first is left.

use app::{notice::Notice, routes};
use serde_json::json;

use crate::{
    organization::page,
    test_app::TestApp,
    test_browser::Browser,
    test_page::{hidden, row, section, sections},
};

const ADA: &str = "ada@acme.example";
const MAX: &str = "max@acme.example";
/// Administrator of Globex, and a member of Acme.
const OLGA: &str = "olga@globex.example";
const ACME: &str = "org_59615193906282635";
const GLOBEX: &str = "org_61022748190511244";
const ACME_CONNECTION: &str = "conn_59615210314400908";
const ACME_DIRECTORY: &str = "dir_59615277591445642";
const ACME_DOMAIN: &str = "dom_59615210314400908";
/// Every name under which somebody could try to say which organization is meant.
const CLAIMED: &str = "organization_id=org_59615193906282635&organization=org_59615193906282635\
                       &org=org_59615193906282635&org_id=org_59615193906282635&oid=org_59615193906282635";

/// All that the settings show of the organization that `administrator` is signed in to.
async fn everything(administrator: &mut Browser) -> String {
    let mut everything = String::new();
    for path in sections() {
        everything.push_str(section(&page(administrator, path).await, path));
    }
    everything
}

/// The people of Acme, all of them, and as what.
fn people_of_acme(app: &TestApp) -> Vec<String> {
    let people = app.control().people().into_iter();
    let places = people.flat_map(|person| {
        let id = person.id;
        let places = person.memberships.into_iter();
        let places = places.filter(|place| place.organization.id == ACME);
        places.map(move |place| format!("{id} {place:?}"))
    });
    places.collect()
}

#[tokio::test]
async fn no_forged_id_reaches_another_organization() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let mut olga = app.signed_in(OLGA).await;
    let max = app.id_of(MAX);
    let (before, people) = (everything(&mut ada).await, people_of_acme(&app));
    for id in [max.as_str(), ACME_CONNECTION, ACME_DIRECTORY, ACME_DOMAIN] {
        assert!(before.contains(id), "{id} is at Acme: {before}");
    }
    for (function, form) in [
        (routes::CHANGE_ROLE, format!("member={max}&role=admin")),
        (routes::REMOVE_MEMBER, format!("member={max}")),
        (routes::RESEND_INVITATION, format!("member={max}")),
        (
            routes::SWITCH_CONNECTION,
            format!("connection={ACME_CONNECTION}&enabled=false"),
        ),
        (
            routes::SWITCH_DIRECTORY,
            format!("directory={ACME_DIRECTORY}&enabled=false"),
        ),
        (routes::REMOVE_DOMAIN, format!("domain={ACME_DOMAIN}")),
    ] {
        let answer = olga.call(function, &form).await;
        assert_eq!(answer.status, 404, "{function}: {}", answer.body);
        assert_eq!(
            answer.json(),
            json!({ "success": false, "error": Notice::NotThere.text() }),
            "{function}"
        );
        // A body may claim what it likes; an address that names another organization is refused, as that of a form that
        // was rendered before a switch.
        let claiming = olga.call(function, &format!("{form}&{CLAIMED}")).await;
        assert_eq!(claiming.status, 404, "{function}: {}", claiming.body);
        let claiming = format!("{function}?{CLAIMED}");
        assert_eq!(olga.call(&claiming, &form).await.status, 409, "{function}");
        assert_eq!(olga.send_form(&claiming, &form).await.status, 409, "{function}");
    }
    assert_eq!(everything(&mut ada).await, before, "nothing has changed at Acme");
    assert_eq!(people_of_acme(&app), people);
}

#[tokio::test]
async fn what_names_no_member_acts_on_the_organization_of_the_session() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let mut olga = app.signed_in(OLGA).await;
    let (before, people) = (everything(&mut ada).await, people_of_acme(&app));
    for (function, form, path, shown) in [
        (
            routes::SAVE_PROFILE,
            "display_name=Globex+World&slug=globex-world&external_id=g_1&logo_url=",
            routes::PROFILE,
            "globex-world",
        ),
        (
            routes::SET_FEATURE,
            "name=sso&enabled=true",
            routes::PROFILE,
            r#"aria-checked="true""#,
        ),
        (
            routes::INVITE_MEMBER,
            "email=mallory%40globex.example&role=admin",
            routes::MEMBERS,
            "mallory@globex.example",
        ),
        (
            routes::ADD_DOMAIN,
            "domain=globex-labs.example",
            routes::DOMAINS,
            "globex-labs.example",
        ),
        (
            routes::SET_SESSION_POLICY,
            "source=custom&absolute_minutes=600&idle_minutes=",
            routes::SESSION_POLICY,
            "<dd>10 h</dd>",
        ),
    ] {
        let own = page(&mut olga, path).await;
        assert!(!section(&own, path).contains(shown), "{function}: {own}");
        let form = format!("{form}&{CLAIMED}");
        let refused = olga.call(&format!("{function}?{CLAIMED}"), &form).await;
        assert_eq!(refused.status, 409, "{function}: {}", refused.body);
        assert!(
            !section(&page(&mut olga, path).await, path).contains(shown),
            "{function}"
        );
        let answer = olga.call(function, &form).await;
        assert_eq!(answer.status, 200, "{function}: {}", answer.body);
        let own = page(&mut olga, path).await;
        assert!(section(&own, path).contains(shown), "{function}: {own}");
    }
    assert_eq!(everything(&mut ada).await, before, "nothing has changed at Acme");
    assert_eq!(people_of_acme(&app), people);
}

#[tokio::test]
async fn a_form_that_was_rendered_before_a_switch_changes_nothing_after_it() {
    let app = TestApp::start().await;
    let mut olga = app.signed_in(OLGA).await;
    let acme = emulator::organizations()[0].id;
    assert!(app.control().set_role(OLGA, acme, emulator::Role::Admin));
    let stale = format!("{}?organization={GLOBEX}", routes::ADD_DOMAIN);
    let switch = format!("/auth/login?prompt=select_account&organization_id={acme}");
    assert_eq!(app.sign_in(&mut olga, &switch, OLGA).await, "/dashboard");
    assert_eq!(olga.send_form(&stale, "domain=stale.example").await.status, 409);
    let body = page(&mut olga, routes::DOMAINS).await;
    assert!(
        body.contains("acme.example") && !body.contains("stale.example"),
        "{body}"
    );
}

#[tokio::test]
async fn a_manager_invites_nobody_who_may_do_more_than_themselves() {
    let app = TestApp::start().await;
    let mut ayesha = app.signed_in("ayesha@acme.example").await;
    let invite = |role: &str| format!("email=new-{role}%40acme.example&role={role}");
    let refused = ayesha.call(routes::INVITE_MEMBER, &invite("admin")).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_eq!(refused.json()["error"], Notice::BeyondYou.text());
    let people = app.control().people();
    assert!(
        people
            .iter()
            .all(|person| person.email != "new-admin@acme.example")
    );
    assert_eq!(
        ayesha.call(routes::INVITE_MEMBER, &invite("member")).await.status,
        200
    );
    let form = page(&mut ayesha, routes::MEMBERS).await;
    assert!(
        !form.contains(r#"<option value="admin""#),
        "what would be refused is not offered"
    );
}

#[tokio::test]
async fn the_portal_is_that_of_the_organization_of_the_session() {
    let app = TestApp::start().await;
    let mut olga = app.signed_in(OLGA).await;
    let claiming = format!("{}?{CLAIMED}", routes::OPEN_PORTAL);
    assert_eq!(olga.call(&claiming, "").await.status, 409);
    let answer = olga.call(routes::OPEN_PORTAL, CLAIMED).await.json();
    let issuer = app.emulator.as_ref().unwrap().issuer();
    let link = answer["location"].as_str().unwrap();
    let mut at_provider = Browser::new(issuer.strip_prefix("http://").unwrap().parse().unwrap());
    let portal = at_provider.get(link.strip_prefix(issuer).unwrap()).await.body;
    assert!(portal.contains("Globex") && !portal.contains("Acme"), "{portal}");
}

#[tokio::test]
async fn no_address_shows_another_organization() {
    let app = TestApp::start().await;
    let mut olga = app.signed_in(OLGA).await;
    for path in sections().chain([routes::SETTINGS]) {
        let body = page(&mut olga, &format!("{path}?wait&{CLAIMED}")).await;
        for foreign in [
            "Acme",
            "acme.example",
            ADA,
            ACME_CONNECTION,
            ACME_DIRECTORY,
            ACME_DOMAIN,
        ] {
            assert!(!body.contains(foreign), "{path} shows {foreign}: {body}");
        }
    }
    for path in [
        format!("/organization/settings/{ACME}"),
        format!("/organizations/{ACME}"),
    ] {
        assert_eq!(olga.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_member_of_two_organizations_sees_which_one_is_active_and_how_to_switch() {
    let app = TestApp::start().await;
    let mut olga = app.signed_in(OLGA).await;
    let body = page(&mut olga, routes::ORGANIZATIONS).await;
    let globex = row(&body, GLOBEX);
    assert!(
        globex.contains("Active") && globex.contains("Administrator"),
        "{globex}"
    );
    let acme = row(&body, ACME);
    assert!(acme.contains("Acme Corp") && acme.contains("Member"), "{acme}");
    assert!(acme.contains(r#"action="/auth/login""#), "{acme}");
    for (name, value) in [
        ("prompt", "select_account"),
        ("organization_id", ACME),
        ("next", "/dashboard"),
    ] {
        assert_eq!(hidden(acme, name), value);
    }
}

#[tokio::test]
async fn after_a_switch_nothing_of_the_first_organization_is_left_in_any_tab() {
    let app = TestApp::start().await;
    let mut olga = app.signed_in(OLGA).await;
    assert!(page(&mut olga, routes::DASHBOARD).await.contains(GLOBEX));
    let mut other_tab = olga.clone();
    let switch = |to: &str| format!("/auth/login?prompt=select_account&organization_id={to}");
    assert_eq!(app.sign_in(&mut olga, &switch(ACME), OLGA).await, "/dashboard");

    assert_eq!(other_tab.fetch(routes::DASHBOARD).await.status, 401);
    let late = other_tab.call(routes::SET_FEATURE, "name=sso&enabled=true").await;
    assert_eq!(late.status, 401, "the old cookie does nothing any more");
    other_tab.cookies.clone_from(&olga.cookies);
    for tab in [&mut olga, &mut other_tab] {
        for path in [routes::DASHBOARD, routes::SESSIONS] {
            let body = page(tab, path).await;
            assert!(body.contains(ACME), "{path}: {body}");
            for foreign in [GLOBEX, "Globex", "sk_org_"] {
                assert!(!body.contains(foreign), "{path} shows {foreign}: {body}");
            }
        }
        let refused = tab.get("/organization/settings?wait").await;
        assert_eq!(refused.status, 403, "a member of Acme administers nothing");
        assert!(
            refused.body.contains("Ada Admin") && !refused.body.contains("Globex"),
            "{}",
            refused.body
        );
        let body = page(tab, routes::ORGANIZATIONS).await;
        assert!(row(&body, ACME).contains("Active"), "{body}");
    }

    assert_eq!(app.sign_in(&mut olga, &switch(GLOBEX), OLGA).await, "/dashboard");
    let body = page(&mut olga, "/organization/settings?wait").await;
    assert!(body.contains(">Globex</h1>") && !body.contains("Acme"), "{body}");
    assert_eq!(other_tab.fetch(routes::DASHBOARD).await.status, 401);
}

#[tokio::test]
async fn nobody_is_switched_to_an_organization_that_they_are_not_in() {
    let app = TestApp::start().await;
    let mut max = app.signed_in(MAX).await;
    let start = format!("/auth/login?prompt=select_account&organization_id={GLOBEX}");
    let authorization_url = max.get(&start).await.location();
    let refused = app.control().approve(&authorization_url, MAX);
    assert_eq!(refused, Err(emulator::ApproveError::Organization));
    assert!(page(&mut max, routes::DASHBOARD).await.contains(ACME));
}
