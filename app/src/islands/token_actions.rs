//! What a person may do with the tokens of the session: have them renewed, and have the access token checked.

use leptos::{html, prelude::*};

#[cfg(any(feature = "hydrate", test))]
use crate::notice::Notice;
use crate::routes;

/// Two buttons of a form, which leads back to `next` with a notice. Once the browser has brought it to life, the result
/// shows beside the buttons, and the parts of the page that are marked `data-fresh` are renewed in place.
#[cfg(feature = "ssr")]
#[component]
pub fn TokenActions(
    /// The page that this is on.
    next: &'static str,
    /// Whether what the buttons do is what the page is about.
    #[prop(default = false)]
    is_main: bool,
) -> impl IntoView {
    let primary = if is_main {
        "button is-primary"
    } else {
        "button is-quiet"
    };
    let secondary = if is_main { "button" } else { "button is-quiet" };
    view! {
        <Acting>
            <form class="token-actions" method="post">
                <input type="hidden" name="next" value=next/>
                <div class="button-row">
                    <button class=primary type="submit" formaction=routes::REFRESH_TOKEN>"Refresh now"</button>
                    <button class=secondary type="submit" formaction=routes::VALIDATE_TOKEN>"Validate now"</button>
                </div>
                <p class="outcome" role="status"></p>
            </form>
        </Acting>
    }
    .into_any()
}

/// Brings them to life.
#[island]
pub fn Acting(
    /// The form.
    children: Children,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    #[cfg(feature = "hydrate")]
    super::markup::bring_to_life(root, browser::act);
    view! { <div class="island" node_ref=root>{children()}</div> }
}

/// What came of it, in words, and whether that is good: what was asked for has been `done`, or the server says why not.
#[cfg(any(feature = "hydrate", test))]
fn outcome(path: &str, done: bool, error: Option<String>) -> (String, bool) {
    let (good, bad) = if path == routes::REFRESH_TOKEN {
        (Notice::Refreshed, Notice::NotRefreshed)
    } else {
        (Notice::TokenValid, Notice::TokenInvalid)
    };
    if done {
        (good.text().to_owned(), true)
    } else {
        (error.unwrap_or_else(|| bad.text().to_owned()), false)
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::task::spawn_local;
    use web_sys::{Element, SubmitEvent};

    use crate::{
        islands::{
            ask::{NoAnswer, ask, stay},
            markup::{on, part},
            page::{freshen, reload},
        },
        routes,
    };

    pub(super) fn act(root: &Element) -> Option<()> {
        let form = part(root, "form")?;
        let outcome = part(root, ".outcome")?;
        on(&form, "submit", move |event: SubmitEvent| {
            if let Some(path) = event
                .submitter()
                .and_then(|button| button.get_attribute("formaction"))
            {
                event.prevent_default();
                spawn_local(show_outcome(path, outcome.clone()));
            }
        });
        Some(())
    }

    /// Does what the button says, and tells what came of it, without leaving the page.
    async fn show_outcome(path: String, place: Element) {
        // Whoever hears the page would not hear the same words again without a pause.
        place.set_text_content(None);
        let (text, good) = match perform(&path).await {
            Ok(outcome) => outcome,
            Err(NoAnswer::SignedOut) => return reload(),
            Err(NoAnswer::Unreached) => {
                let text = "That did not work just now. Try again in a moment.";
                (text.to_owned(), false)
            }
        };
        place.set_text_content(Some(&text));
        let _ = place.set_attribute("data-state", if good { "good" } else { "bad" });
    }

    async fn perform(path: &str) -> Result<(String, bool), NoAnswer> {
        let answer = ask(path).await?;
        let is_refresh = path == routes::REFRESH_TOKEN;
        let done = answer.is(if is_refresh { "success" } else { "valid" });
        let consequences = async {
            // New tokens, or a verdict on the old ones.
            if done || !is_refresh {
                freshen().await?;
            }
            // That was a request like any other: the session may live longer now, and every tab should know.
            stay().await
        };
        match consequences.await {
            Err(NoAnswer::SignedOut) => Err(NoAnswer::SignedOut),
            // What was asked for has been done, whether or not the page can show more of it.
            Ok(()) | Err(NoAnswer::Unreached) => Ok(super::outcome(path, done, answer.text("error"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_told_in_the_words_of_the_form() {
        let told = |path, done, error: Option<&str>| outcome(path, done, error.map(str::to_owned));
        assert_eq!(
            told(routes::REFRESH_TOKEN, true, None),
            ("You have new tokens.".to_owned(), true)
        );
        assert_eq!(
            told(routes::VALIDATE_TOKEN, true, None),
            ("The access token is valid.".to_owned(), true)
        );
        assert_eq!(
            told(routes::VALIDATE_TOKEN, false, None),
            (Notice::TokenInvalid.text().to_owned(), false)
        );
    }

    #[test]
    fn a_reason_that_the_server_gives_is_passed_on() {
        let (text, good) = outcome(
            routes::REFRESH_TOKEN,
            false,
            Some("No refresh token available.".to_owned()),
        );
        assert_eq!(text, "No refresh token available.");
        assert!(!good);
    }
}
