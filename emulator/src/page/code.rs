//! "Prove it": the code that a real environment would have sent by e-mail.

use maud::html;

use super::{Page, deny, destination, mark, problem as problem_below};
use crate::{SIGN_IN_CODE, endpoint::authorize::AuthorizationRequest};

/// The page with the code field. It is one text field, so that it works without script, a password manager can fill
/// it, and a pasted code fits; the `data-` attributes are those of the real page's field.
pub(crate) fn page(
    id: &str,
    request: &AuthorizationRequest,
    email: &str,
    problem: Option<&'static str>,
) -> Page {
    let content = html! {
        (mark())
        h1 { "Enter the code" }
        p.lead { "for " strong.destination { (email) } br; (destination(request)) }
        form.fields method="post" action={ "/sign-in/" (id) "/code" } {
            label for="code" { "Six-digit code" }
            input.pin #code type="text" name="code" required autofocus inputmode="numeric"
                autocomplete="one-time-code" pattern="[0-9 \\-]*" maxlength="11" data-scope="pin-input"
                data-part="input"
                aria-describedby={ "code-hint" @if problem.is_some() { " problem" } }
                aria-invalid=[problem.map(|_| "true")];
            (problem_below(problem))
            p.hint #code-hint { "No e-mail is sent. The code is always " code { (SIGN_IN_CODE) } "." }
            button.primary type="submit" { "Continue" }
        }
        form.deny method="post" action={ "/sign-in/" (id) "/restart" } {
            button.quiet type="submit" { "Use a different account" }
        }
        (deny(id))
    };
    Page::step("Enter the code", request, problem, content)
}
