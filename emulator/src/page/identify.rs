//! "Who are you?": the ready-made people, or an e-mail address.

use maud::{Markup, html};

use super::{Page, deny, destination, mark, problem as problem_below};
use crate::{
    endpoint::authorize::{AuthorizationRequest, request::Way},
    people::{Organization, Person},
};

/// More people than this are not listed; their addresses work as well.
const LISTED: usize = 8;

/// The first page of a sign-in.
pub(crate) fn page<'a>(
    id: &str,
    request: &AuthorizationRequest,
    offered: impl Iterator<Item = &'a Person>,
    problem: Option<&'static str>,
) -> Page {
    let title = title(request);
    let people: Vec<&Person> = offered
        .filter(|person| {
            request
                .organization
                .is_none_or(|it| person.membership(it.id).is_some())
        })
        .take(LISTED)
        .collect();
    let sign_up = request.prompt.create;
    let content = html! {
        (mark())
        h1 { (title) }
        p.lead { (destination(request)) }
        @if !sign_up && !people.is_empty() {
            form.people method="post" action={ "/sign-in/" (id) "/person" } {
                h2 #people { "Continue as" }
                ul aria-labelledby="people" {
                    @for person in people { li { (person_button(person, request.organization)) } }
                }
            }
            p.or { span { "or with e-mail" } }
        }
        form.fields method="post" action={ "/sign-in/" (id) "/email" } {
            label for="email" { @if sign_up { "Work e-mail" } @else { "E-mail address" } }
            input #email type="email" name="email" required autocomplete="username" autocapitalize="none"
                spellcheck="false" maxlength="254" placeholder="jane+sktest@example.com"
                value=[request.login_hint.as_deref()]
                aria-describedby={ "email-hint" @if problem.is_some() { " problem" } }
                aria-invalid=[problem.map(|_| "true")];
            (problem_below(problem))
            p.hint #email-hint { "Any address with " code { "+sktest" } " works as well." }
            button.primary type="submit" { "Continue" }
        }
        (deny(id))
    };
    Page::step(title, request, problem, content)
}

fn title(request: &AuthorizationRequest) -> String {
    match request.way {
        _ if request.prompt.create => "Create your account".to_owned(),
        Way::SingleSignOn(organization) => format!("{} single sign-on", organization.name),
        Way::Social(social) => format!("Sign in with {}", social.label),
        Way::Code => match request.organization {
            Some(organization) => format!("Sign in to {}", organization.name),
            None => "Sign in".to_owned(),
        },
    }
}

/// One ready-made person. The button names the person and not "Continue as …", because scripts written for the real
/// page look for the one button called "Continue".
fn person_button(person: &Person, organization: Option<&Organization>) -> Markup {
    // Of several places only the names fit, unless the sign-in is for one of them; the chooser shows the roles.
    let place = match (organization, person.memberships.as_slice()) {
        (Some(organization), _) => person.membership(organization.id),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    html! {
        button.person type="submit" name="person" value=(person.id) {
            span.avatar aria-hidden="true" { (person.initials()) }
            span.who {
                span.name { (person.name()) }
                " "
                span.address { (person.email) }
                " "
                span.role {
                    @if let Some(place) = place {
                        span.title { (place.role.name()) }
                        " "
                        span.place { (place.organization.name) }
                    } @else {
                        @for membership in person.memberships.iter().take(2) {
                            span.place { (membership.organization.name) }
                            " "
                        }
                    }
                }
            }
            svg.arrow aria-hidden="true" viewBox="0 0 16 16" width="16" height="16" {
                path d="M6 3.5 10.5 8 6 12.5" fill="none" stroke="currentColor" stroke-width="1.5"
                    stroke-linecap="round" stroke-linejoin="round" {}
            }
        }
    }
}
