//! One table of everything that can be asked for, and of what everybody gets: made from what each page and each server
//! function demands (`app::routes`), and from what each role may do at the emulator. `--no-capture` shows it.

use app::routes::{self, Demand, FUNCTIONS, OPEN_FUNCTIONS, PAGES};
use emulator::Role;
use reqwest::Method;
use serde_json::json;

use crate::{
    test_app::TestApp,
    test_browser::{Answer, Browser},
};

const ADA: &str = "ada@acme.example";
/// What the organization's settings are full of, and no refusal may have: identifiers, and somebody who grants nothing.
const PROTECTED: [&str; 7] = ["usr_", "conn_", "dir_", "dom_", "tenant_1042", "Benoît", "Okta"];

/// Somebody who asks.
struct Visitor {
    name: &'static str,
    /// Who it is, and as what; nobody otherwise.
    person: Option<(&'static str, Role)>,
    /// Whether they have just proved who they are.
    has_proved: bool,
}

const VISITORS: [Visitor; 5] = [
    Visitor {
        name: "nobody",
        person: None,
        has_proved: false,
    },
    Visitor {
        name: "member",
        person: Some(("max@acme.example", Role::Member)),
        has_proved: false,
    },
    Visitor {
        name: "manager",
        person: Some(("ayesha@acme.example", Role::Manager)),
        has_proved: false,
    },
    Visitor {
        name: "admin",
        person: Some((ADA, Role::Admin)),
        has_proved: false,
    },
    Visitor {
        name: "proved member",
        person: Some(("carmen@acme.example", Role::Member)),
        has_proved: true,
    },
];

impl Visitor {
    async fn arrive(&self, app: &TestApp) -> Browser {
        let mut browser = app.browser();
        if let Some((email, _)) = self.person {
            let start = if self.has_proved {
                "/auth/login?prompt=login"
            } else {
                "/auth/login"
            };
            assert_eq!(app.sign_in(&mut browser, start, email).await, "/dashboard");
        }
        browser
    }

    /// What they are to get where `demand` is made.
    fn verdict(&self, demand: Demand) -> Verdict {
        let may = |role: Role, name: &str| role.permissions().contains(&name);
        match (demand, self.person) {
            (Demand::Nothing, _) | (Demand::SignedIn, Some(_)) => Verdict::Served,
            (_, None) => Verdict::SignIn,
            (Demand::RecentSignIn, Some(_)) if self.has_proved => Verdict::Served,
            (Demand::RecentSignIn, Some(_)) => Verdict::Proof,
            (Demand::Permissions(demanded), Some((_, role))) => {
                if demanded.iter().all(|permission| may(role, permission.name())) {
                    Verdict::Served
                } else {
                    Verdict::Forbidden
                }
            }
        }
    }
}

/// What somebody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// What they ask for, or why that makes no sense.
    Served,
    /// To sign in first.
    SignIn,
    /// To prove who they are first.
    Proof,
    /// A refusal.
    Forbidden,
}

/// How somebody asks.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// By a link or a form.
    Navigation,
    /// By a script, which wants JSON.
    Script,
}

/// Something that can be asked for.
struct Entry {
    path: &'static str,
    demand: Demand,
    is_function: bool,
}

fn entries() -> Vec<Entry> {
    let entry = |is_function| {
        move |&(path, demand): &(&'static str, Demand)| Entry {
            path,
            demand,
            is_function,
        }
    };
    let open = OPEN_FUNCTIONS.iter().map(|path| (*path, Demand::Nothing));
    let open: Vec<_> = open.collect();
    let pages = PAGES.iter().map(entry(false));
    let functions = FUNCTIONS.iter().chain(&open).map(entry(true));
    pages.chain(functions).collect()
}

/// A form that `function` understands and that changes little, or nothing at all.
pub(crate) fn minimal_form(function: &str) -> &'static str {
    match function {
        routes::END_SESSION => "session=none",
        routes::SAVE_PROFILE => "display_name=&slug=&external_id=&logo_url=",
        routes::SET_FEATURE => "name=none&enabled=true",
        routes::INVITE_MEMBER => "email=none&role=member",
        routes::RESEND_INVITATION | routes::REMOVE_MEMBER => "member=none",
        routes::CHANGE_ROLE => "member=none&role=member",
        routes::SWITCH_CONNECTION => "connection=none&enabled=true",
        routes::SWITCH_DIRECTORY => "directory=none&enabled=true",
        routes::ADD_DOMAIN | routes::REMOVE_DOMAIN => "domain=none",
        routes::SET_SESSION_POLICY => "source=none",
        open if OPEN_FUNCTIONS.contains(&open) => "query=",
        // Of a function that is new, and whose form nobody has told here: it is understood, or refused with 400.
        _ => "",
    }
}

impl Entry {
    async fn ask(&self, browser: &mut Browser, way: Way) -> Answer {
        let form = minimal_form(self.path);
        match (self.is_function, way) {
            (false, Way::Navigation) => browser.get(self.path).await,
            (false, Way::Script) => browser.fetch(self.path).await,
            (true, Way::Navigation) => browser.send_form(self.path, form).await,
            (true, Way::Script) => browser.call(self.path, form).await,
        }
    }

    /// Whether `answer` is what `verdict` means to somebody who asked in this `way`.
    fn is_right(&self, answer: &Answer, verdict: Verdict, way: Way) -> bool {
        let location = answer.header("location");
        let says = |status: u16, error: &str| {
            answer.status == status && answer.body.contains(&format!(r#""error":"{error}""#))
        };
        let is_bare = answer.status == 303 && answer.body.is_empty();
        let leads_to_sign_in = location.starts_with("/login?reason=required");
        let leads_to_proof = location.starts_with("/auth/login?prompt=login&next=");
        let is_clean = PROTECTED.iter().all(|word| !answer.body.contains(word));
        match (verdict, way) {
            (Verdict::Served, _) => {
                let is_page = !self.is_function && self.demand != Demand::Nothing;
                let is_refusal = matches!(answer.status, 401 | 403 | 405 | 500..);
                let is_served = !is_refusal && !leads_to_sign_in && !leads_to_proof;
                is_served && (!is_page || answer.status == 200)
            }
            (Verdict::SignIn, Way::Navigation) => is_bare && leads_to_sign_in,
            (Verdict::SignIn, Way::Script) => {
                let said = json!({ "error": "not_signed_in", "reason": "required" });
                answer.status == 401 && answer.json() == said
            }
            (Verdict::Proof, Way::Navigation) => is_bare && leads_to_proof,
            (Verdict::Proof, Way::Script) => says(403, "recent_sign_in_required") && is_clean,
            (Verdict::Forbidden, Way::Navigation) => {
                let is_page = answer.body.contains("<h1>You may not open this page</h1>");
                answer.status == 403 && is_page && is_clean
            }
            (Verdict::Forbidden, Way::Script) => says(403, "forbidden") && is_clean,
        }
    }

    fn told(&self) -> String {
        let method = if self.is_function { "POST" } else { "GET" };
        let demand = match self.demand {
            Demand::Nothing => "nothing".to_owned(),
            Demand::SignedIn => "a sign-in".to_owned(),
            Demand::RecentSignIn => "a recent sign-in".to_owned(),
            Demand::Permissions(demanded) => {
                let names: Vec<_> = demanded.iter().map(|permission| permission.name()).collect();
                names.join(" + ")
            }
        };
        format!("{method:<5}{:<42}{demand:<66}", self.path)
    }
}

#[tokio::test]
async fn everybody_gets_what_the_demand_says_and_nobody_anything_else() {
    let app = TestApp::start().await;
    app.control().set_management_rate(u32::MAX);
    let mut browsers = Vec::new();
    for visitor in &VISITORS {
        browsers.push(visitor.arrive(&app).await);
    }
    let names = VISITORS.iter().map(|visitor| format!("{:<20}", visitor.name));
    let names: Vec<_> = names.collect();
    let mut table = vec![format!("{:<47}{:<66}{}", "asked for", "demands", names.concat())];
    let mut wrong = Vec::new();
    for entry in entries() {
        let mut line = vec![entry.told()];
        for (visitor, browser) in VISITORS.iter().zip(&mut browsers) {
            let verdict = visitor.verdict(entry.demand);
            let mut statuses = Vec::new();
            for way in [Way::Navigation, Way::Script] {
                let answer = entry.ask(browser, way).await;
                statuses.push(answer.status.to_string());
                if !entry.is_right(&answer, verdict, way) {
                    let (path, who) = (entry.path, visitor.name);
                    wrong.push(format!("{path}, {who}, {way:?}: not {verdict:?} but {answer:?}"));
                }
            }
            let cell = format!("{verdict:?} {}", statuses.join("/"));
            line.push(format!("{cell:<20}"));
        }
        table.push(line.concat());
    }
    println!("{}", table.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn server_functions_are_posted_to_and_nothing_else() {
    let app = TestApp::start().await;
    let mut visitors = [app.browser(), app.signed_in(ADA).await];
    for (path, _) in FUNCTIONS {
        for browser in &mut visitors {
            for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
                let same_site = [("sec-fetch-site", "same-origin")];
                let answer = browser.request(method.clone(), path, &same_site).await;
                assert_eq!(
                    (answer.status, answer.header("allow")),
                    (405, "POST"),
                    "{method} {path}"
                );
            }
        }
    }
    for path in OPEN_FUNCTIONS {
        assert_eq!(app.browser().get(path).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn server_functions_refuse_every_other_site_whoever_is_signed_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, "/auth/login?prompt=login", ADA).await;
    let sites: [&[(&str, &str)]; 4] = [
        &[
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ],
        &[("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ];
    let paths = FUNCTIONS.iter().map(|(path, _)| path).chain(OPEN_FUNCTIONS);
    for path in paths {
        for site in sites {
            for accept in ["application/json", "text/html"] {
                let mut headers = vec![
                    ("accept", accept),
                    ("content-type", "application/x-www-form-urlencoded"),
                ];
                headers.extend(site);
                let answer = browser.submit(path, minimal_form(path), &headers).await;
                assert_eq!(answer.status, 403, "{path} {site:?}");
                let said = "That request came from another site";
                assert!(answer.body.contains(said), "{path} {site:?}: {}", answer.body);
            }
        }
    }
    assert_eq!(app.refreshes(), 0, "nothing was done");
}

#[test]
fn every_server_function_says_what_it_demands_and_no_list_has_one_too_many() {
    let existing: Vec<_> = server::router::server_functions().collect();
    let demanding = FUNCTIONS.iter().map(|(path, _)| *path);
    let declared: Vec<_> = demanding.chain(OPEN_FUNCTIONS.iter().copied()).collect();
    for path in &existing {
        assert!(declared.contains(path), "{path} does not say what it demands");
    }
    for path in &declared {
        assert!(existing.contains(path), "{path} is no server function");
        let is_page = PAGES.iter().any(|(page, _)| page == path);
        assert!(!is_page, "{path} is a page as well");
        let times = declared.iter().filter(|other| *other == path).count();
        assert_eq!(times, 1, "{path} is declared twice");
    }
    for (path, demand) in FUNCTIONS {
        assert_ne!(*demand, Demand::Nothing, "{path} belongs to the open ones");
    }
}
