//! A token's claims in a table.

use leptos::prelude::*;

use crate::{
    claim::{Claim, Shown},
    islands::copy::CopyButton,
    ui::time::Time,
};

/// One row a claim: what it is called and about, what it says, and a button that copies that.
#[component]
pub fn ClaimsTable(
    /// The claims.
    claims: Vec<Claim>,
    /// What the table is called.
    caption: &'static str,
) -> impl IntoView {
    let rows: Vec<_> = claims
        .into_iter()
        .map(|claim| view! { <ClaimRow claim/> })
        .collect();
    view! {
        <div class="table-frame">
            <table class="claims">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr><th scope="col">"Claim"</th><th scope="col">"Value"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn ClaimRow(claim: Claim) -> impl IntoView {
    let Claim {
        name,
        about,
        shown,
        text,
    } = claim;
    let of = name.clone();
    view! {
        <tr>
            <th scope="row">
                <code>{name}</code>
                {about.map(|about| view! { <small>{about}</small> })}
            </th>
            <td>
                <div class="claim-value">
                    <ClaimValue shown/>
                    <CopyButton text of/>
                </div>
            </td>
        </tr>
    }
}

/// What a claim says.
#[component]
pub fn ClaimValue(
    /// Made ready.
    shown: Shown,
) -> impl IntoView {
    match shown {
        Shown::Text(text) => view! { <code>{text}</code> }.into_any(),
        Shown::List(names) => {
            let names: Vec<_> = names
                .into_iter()
                .map(|name| view! { <li class="badge is-mono">{name}</li> })
                .collect();
            view! { <ul class="badges">{names}</ul> }.into_any()
        }
        Shown::Time(moment, relative) => {
            let unix = moment.unix;
            view! { <span><Time moment/><small>{relative}" · "{unix}</small></span> }.into_any()
        }
    }
}
