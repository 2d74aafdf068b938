//! "In which organization?": for people who are in several, and for those who came to switch.

use maud::html;

use super::{Page, deny, destination, mark};
use crate::{endpoint::authorize::AuthorizationRequest, people::Person};

/// The organization chooser.
pub(crate) fn page(id: &str, request: &AuthorizationRequest, person: &Person) -> Page {
    let content = html! {
        (mark())
        h1 { "Choose an organization" }
        p.lead { "as " strong.destination { (person.email) } br; (destination(request)) }
        form.people method="post" action={ "/sign-in/" (id) "/organization" } {
            ul aria-label="Organizations" {
                @for membership in &person.memberships {
                    li {
                        button.person type="submit" name="organization" value=(membership.organization.id) {
                            span.avatar.square aria-hidden="true" {
                                (membership.organization.name.chars().take(1).collect::<String>())
                            }
                            span.who {
                                span.name { (membership.organization.name) }
                                " "
                                span.role { span.title { (membership.role.name()) } }
                            }
                            svg.arrow aria-hidden="true" viewBox="0 0 16 16" width="16" height="16" {
                                path d="M6 3.5 10.5 8 6 12.5" fill="none" stroke="currentColor"
                                    stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" {}
                            }
                        }
                    }
                }
            }
        }
        form.deny method="post" action={ "/sign-in/" (id) "/restart" } {
            button.quiet type="submit" { "Use a different account" }
        }
        (deny(id))
    };
    Page::step("Choose an organization", request, None, content)
}
