//! `/problems`: the gallery of all problem pages, in development. Nobody should meet a page that we have not looked at.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{problem::ProblemKind, routes, ui::chrome::Chrome};

/// Asks for the gallery in place of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gallery;

/// Every problem, with a link to its page.
#[component]
pub fn ProblemsPage() -> impl IntoView {
    let entry = |kind: ProblemKind| {
        let row = kind.row();
        view! {
            <tr>
                <th scope="row"><a href=format!("{}/{}", routes::PROBLEMS, row.label)>{row.title}</a></th>
                <td>{row.happened.replace('`', "")}<small>{row.status}</small></td>
            </tr>
        }
    };
    view! {
        <Title text="Problems"/>
        <Chrome layout="page">
            <div class="stack">
                <h1>"Everything that can go wrong"</h1>
                <p>"Only here in development. Each link leads to the page as people would meet it."</p>
                <div class="card">
                    <table class="claims">
                        <thead><tr><th scope="col">"Page"</th><th scope="col">"When"</th></tr></thead>
                        <tbody>{ProblemKind::ALL.map(entry).collect_view()}</tbody>
                    </table>
                </div>
            </div>
        </Chrome>
    }
}
