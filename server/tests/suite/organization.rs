//! What administrators do to their organization: by a script and by a form, each to be seen on its section's page.

use app::{
    notice::Notice,
    routes::{self, Demand, FUNCTIONS},
};
use emulator::Role;
use serde_json::json;
use url::form_urlencoded::byte_serialize;

use crate::{
    test_app::TestApp,
    test_browser::Browser,
    test_page::{hidden, is_on, row, section},
};

const ADA: &str = "ada@acme.example";
const AYESHA: &str = "ayesha@acme.example";
const MAX: &str = "max@acme.example";
const CONNECTION: &str = "conn_59615210314400908";
const DIRECTORY: &str = "dir_59615277591445642";

/// Has it done by a script.
async fn done(browser: &mut Browser, function: &str, form: &str, notice: Notice) {
    let answer = browser.call(function, form).await;
    assert_eq!(answer.status, 200, "{function} {form}: {}", answer.body);
    assert_eq!(
        answer.json(),
        json!({ "success": true, "message": notice.text() }),
        "{function} {form}"
    );
}

/// Has it done, or not, by a form on the page at `next`: that page afterwards, which says `notice`.
pub(crate) async fn page_after(
    browser: &mut Browser,
    function: &str,
    form: &str,
    next: &str,
    notice: Notice,
) -> String {
    let next_field: String = byte_serialize(next.as_bytes()).collect();
    let answer = browser
        .send_form(function, &format!("{form}&next={next_field}"))
        .await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (303, ""),
        "{function} {form}"
    );
    assert_eq!(answer.location(), notice.after(next), "{function} {form}");
    let page = browser.get(&answer.location()).await;
    assert_eq!(page.status, 200, "{function} {form}");
    assert!(
        page.body.contains(notice.text()),
        "{function} {form}: {}",
        page.body
    );
    page.body
}

/// The page at `path`.
pub(crate) async fn page(browser: &mut Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.body
}

#[tokio::test]
async fn the_profile_is_changed() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let form = "display_name=Acme+Industries&slug=acme-industries&external_id=tenant_7&logo_url=";
    done(&mut ada, routes::SAVE_PROFILE, form, Notice::ProfileSaved).await;
    let body = page(&mut ada, routes::PROFILE).await;
    for shown in ["Acme Industries", "acme-industries", "tenant_7"] {
        assert!(section(&body, routes::PROFILE).contains(shown), "{shown}: {body}");
    }

    let logo = "https://acme.example/logo.svg";
    let form = format!("display_name=+Acme+Limited+&slug=&external_id=&logo_url={logo}");
    let body = page_after(
        &mut ada,
        routes::SAVE_PROFILE,
        &form,
        routes::PROFILE,
        Notice::ProfileSaved,
    )
    .await;
    let profile = section(&body, routes::PROFILE);
    assert!(
        profile.contains("Acme Limited") && profile.contains(logo),
        "{profile}"
    );
    assert!(
        profile.contains("acme-industries"),
        "an empty slug stays as it is"
    );
    assert!(!profile.contains("tenant_7"), "an empty external ID is none");
    let all = page(&mut ada, "/organization/settings?wait").await;
    assert!(all.contains(">Acme Limited</h1>"), "{all}");
}

#[tokio::test]
async fn features_are_switched_off_and_on() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let off = "name=dir_sync&enabled=false";
    done(&mut ada, routes::SET_FEATURE, off, Notice::FeatureSwitched).await;
    let body = page(&mut ada, routes::PROFILE).await;
    let profile = section(&body, routes::PROFILE);
    assert!(!is_on(profile, "dir_sync") && is_on(profile, "sso"), "{profile}");
    let on = "name=dir_sync&enabled=true";
    let next = routes::PROFILE;
    let body = page_after(&mut ada, routes::SET_FEATURE, on, next, Notice::FeatureSwitched).await;
    assert!(is_on(section(&body, routes::PROFILE), "dir_sync"));
}

#[tokio::test]
async fn people_are_invited_and_invited_again() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let grace = "email=+grace%40acme.example+&role=manager";
    done(&mut ada, routes::INVITE_MEMBER, grace, Notice::MemberInvited).await;
    let next = "/organization/settings/members?query=grace";
    let body = page(&mut ada, next).await;
    let invited = row(section(&body, routes::MEMBERS), "grace@acme.example");
    assert!(invited.contains(">Invited<"), "{invited}");
    assert!(invited.contains(r#"<p class="row-detail">Manager"#), "{invited}");

    let member = format!("member={}", app.id_of("grace@acme.example"));
    done(
        &mut ada,
        routes::RESEND_INVITATION,
        &member,
        Notice::InvitationResent,
    )
    .await;
    let resend = routes::RESEND_INVITATION;
    page_after(&mut ada, resend, &member, next, Notice::InvitationResent).await;
    let people = app.control().people();
    let grace = people.iter().find(|person| person.email == "grace@acme.example");
    assert_eq!(grace.unwrap().memberships[0].resent, 2);

    let heidi = "email=heidi%40acme.example&role=member";
    let next = "/organization/settings/members?query=heidi";
    let body = page_after(
        &mut ada,
        routes::INVITE_MEMBER,
        heidi,
        next,
        Notice::MemberInvited,
    )
    .await;
    row(section(&body, routes::MEMBERS), "heidi@acme.example");
}

#[tokio::test]
async fn members_get_another_role_and_are_removed() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let next = "/organization/settings/members?query=max";
    let max = app.id_of(MAX);
    let change = |role: &str| format!("member={max}&role={role}");
    let function = routes::CHANGE_ROLE;
    done(&mut ada, function, &change("manager"), Notice::RoleChanged).await;
    let body = page(&mut ada, next).await;
    let manager = row(section(&body, routes::MEMBERS), MAX);
    assert!(manager.contains(r#"<p class="row-detail">Manager"#), "{manager}");
    assert_eq!(hidden(manager, "member"), max);
    let body = page_after(&mut ada, function, &change("member"), next, Notice::RoleChanged).await;
    let member = row(section(&body, routes::MEMBERS), MAX);
    assert!(member.contains(r#"<p class="row-detail">Member"#), "{member}");

    let function = routes::REMOVE_MEMBER;
    let member = format!("member={max}");
    let body = page_after(&mut ada, function, &member, next, Notice::MemberRemoved).await;
    assert!(!section(&body, routes::MEMBERS).contains(MAX), "{body}");
    let ayesha = format!("member={}", app.id_of(AYESHA));
    done(&mut ada, function, &ayesha, Notice::MemberRemoved).await;
    let body = page(&mut ada, routes::MEMBERS).await;
    assert!(!section(&body, routes::MEMBERS).contains(AYESHA), "{body}");
}

#[tokio::test]
async fn connections_and_directories_are_switched_off_and_on() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    for (function, field, id, next, notice) in [
        (
            routes::SWITCH_CONNECTION,
            "connection",
            CONNECTION,
            routes::SINGLE_SIGN_ON,
            Notice::ConnectionSwitched,
        ),
        (
            routes::SWITCH_DIRECTORY,
            "directory",
            DIRECTORY,
            routes::DIRECTORIES,
            Notice::DirectorySwitched,
        ),
    ] {
        let body = page(&mut ada, next).await;
        assert!(is_on(section(&body, next), id), "{id} is on at first");
        let off = format!("{field}={id}&enabled=false");
        done(&mut ada, function, &off, notice).await;
        let body = page(&mut ada, next).await;
        assert!(!is_on(section(&body, next), id), "{id} is off");
        let on = format!("{field}={id}&enabled=true");
        let body = page_after(&mut ada, function, &on, next, notice).await;
        assert!(is_on(section(&body, next), id), "{id} is on again");
    }
}

#[tokio::test]
async fn domains_are_added_and_removed() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let next = routes::DOMAINS;
    let add = routes::ADD_DOMAIN;
    done(&mut ada, add, "domain=+labs.example+", Notice::DomainAdded).await;
    let body = page_after(&mut ada, add, "domain=shop.example", next, Notice::DomainAdded).await;
    for name in ["labs.example", "shop.example"] {
        let added = row(section(&body, next), name);
        assert!(added.contains("To be verified"), "{added}");
    }
    let remove = |name| format!("domain={}", hidden(row(section(&body, next), name), "domain"));
    let (labs, shop) = (remove("labs.example"), remove("shop.example"));
    let function = routes::REMOVE_DOMAIN;
    done(&mut ada, function, &labs, Notice::DomainRemoved).await;
    let left = page_after(&mut ada, function, &shop, next, Notice::DomainRemoved).await;
    let domains = section(&left, next);
    assert!(
        !domains.contains("labs.example") && !domains.contains("shop.example"),
        "{domains}"
    );
    row(domains, "acme.example");
}

#[tokio::test]
async fn the_session_policy_is_made_stricter_and_given_up() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let next = routes::SESSION_POLICY;
    let function = routes::SET_SESSION_POLICY;
    let custom = "source=custom&absolute_minutes=720&idle_minutes=60";
    done(&mut ada, function, custom, Notice::PolicySaved).await;
    let body = page(&mut ada, next).await;
    let policy = section(&body, next);
    assert!(
        policy.contains("<dd>12 h</dd>") && policy.contains("<dd>1 h</dd>"),
        "{policy}"
    );

    let without_idle_end = "source=custom&absolute_minutes=600&idle_minutes=";
    let body = page_after(&mut ada, function, without_idle_end, next, Notice::PolicySaved).await;
    let policy = section(&body, next);
    assert!(
        policy.contains("<dd>10 h</dd>") && policy.contains("Does not matter"),
        "{policy}"
    );

    let body = page_after(
        &mut ada,
        function,
        "source=application",
        next,
        Notice::PolicySaved,
    )
    .await;
    let policy = section(&body, next);
    assert!(
        policy.contains("<dd>30 days</dd>") && policy.contains("<dd>7 days</dd>"),
        "{policy}"
    );
}

#[tokio::test]
async fn the_admin_portal_opens_by_a_fresh_link_that_works_once() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let issuer = app.emulator.as_ref().unwrap().issuer().to_owned();
    let mut links = Vec::new();
    for _ in 0..2 {
        let answer = ada.call(routes::OPEN_PORTAL, "").await;
        let said = answer.json();
        assert_eq!((answer.status, &said["success"]), (200, &json!(true)));
        assert_eq!(said["message"], Notice::PortalOpened.text());
        assert_eq!(answer.header("cache-control"), "no-store");
        links.push(said["location"].as_str().unwrap().to_owned());
    }
    let form = ada.send_form(routes::OPEN_PORTAL, "next=%2Fdashboard").await;
    assert_eq!((form.status, form.body.as_str()), (303, ""));
    links.push(form.location());
    links.sort();
    links.dedup();
    assert_eq!(links.len(), 3, "a link of its own each time");

    let mut at_provider = Browser::new(issuer.strip_prefix("http://").unwrap().parse().unwrap());
    for link in links {
        let path = link.strip_prefix(&issuer).unwrap();
        let portal = at_provider.get(path).await;
        assert_eq!(portal.status, 200, "{link}");
        assert!(portal.body.contains("Acme Corp"), "{}", portal.body);
        assert_eq!(at_provider.get(path).await.status, 410, "{link} works once");
    }
}

#[tokio::test]
async fn people_are_found_by_name_and_listed_page_by_page() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in(ADA).await;
    let first = page(&mut ada, routes::MEMBERS).await;
    let members = section(&first, routes::MEMBERS);
    assert!(members.contains("27 members"), "{members}");
    let (_, link) = members.split_once("?page_token=").unwrap();
    let token = link.split('"').next().unwrap();
    let second = page(&mut ada, &format!("{}?page_token={token}", routes::MEMBERS)).await;
    row(section(&second, routes::MEMBERS), "hiroshi@acme.example");
    assert!(!members.contains("hiroshi@acme.example"));

    let found = page(&mut ada, "/organization/settings/members?query=+TANAKA+").await;
    row(section(&found, routes::MEMBERS), "hiroshi@acme.example");
    let nobody = page(&mut ada, "/organization/settings/members?query=nobody").await;
    assert!(
        nobody.contains("Nobody was found"),
        "{}",
        section(&nobody, routes::MEMBERS)
    );
}

/// The view cannot disagree with the guard: both are made from what the function demands (promise 17).
#[tokio::test]
async fn a_form_is_on_the_page_of_those_who_may_send_it_and_of_nobody_else() {
    let app = TestApp::start().await;
    for (email, role) in [(ADA, Role::Admin), (AYESHA, Role::Manager)] {
        let mut browser = app.signed_in(email).await;
        let all = browser.get("/organization/settings?wait").await;
        for (function, demand) in FUNCTIONS {
            let Demand::Permissions(demanded) = demand else {
                continue;
            };
            // Only beside somebody who is invited, and nobody is.
            if *function == routes::RESEND_INVITATION {
                continue;
            }
            let mut demanded = demanded.iter().map(|permission| permission.name());
            let may = demanded.all(|name| role.permissions().contains(&name));
            let form = format!("action=\"{function}?organization=org_");
            assert_eq!(all.body.contains(&form), may, "{function} for {email}");
        }
    }
}
