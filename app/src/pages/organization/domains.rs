//! Where members have their addresses.

use auth::management::{Domain, DomainStatus};
use leptos::prelude::*;

use crate::{
    context::{here, in_organization},
    permission::Permission,
    routes,
    ui::{confirm::Confirm, gate::Can},
};

pub(super) fn view(domains: Vec<Domain>) -> AnyView {
    let list = if domains.is_empty() {
        view! { <p class="empty">"No domain is known."</p> }.into_any()
    } else {
        let rows: Vec<_> = domains
            .into_iter()
            .map(|domain| view! { <Row domain/> })
            .collect();
        view! { <ul class="rows">{rows}</ul> }.into_any()
    };
    view! {
        {list}
        <Can permission=Permission::SettingsManage>
            <form class="inline-form" method="post" action=in_organization(routes::ADD_DOMAIN) data-live>
                <input type="hidden" name="next" value=here().to_string()/>
                <label class="unseen" for="domain-name">"New domain"</label>
                <input id="domain-name" name="domain" required maxlength="253" placeholder="company.example"
                    pattern="[A-Za-z0-9.\\-]+\\.[A-Za-z0-9\\-]+" title="Such as company.example" autocomplete="off"/>
                <button class="button is-quiet" type="submit">"Add domain"</button>
            </form>
        </Can>
    }
    .into_any()
}

#[component]
fn Row(domain: Domain) -> impl IntoView {
    let (class, status) = match domain.status {
        DomainStatus::Verified | DomainStatus::AutoVerified => ("badge is-good", "Verified"),
        DomainStatus::Pending => ("badge is-off", "To be verified"),
        DomainStatus::Failed => ("badge is-bad", "Not verified"),
        DomainStatus::Unknown => ("badge is-off", "Unknown"),
    };
    let kind = match domain.kind.as_str() {
        "ALLOWED_EMAIL_DOMAIN" => "Others may join with such an address",
        _ => "The organization's own",
    };
    let (of, id) = (domain.name.clone(), domain.id);
    let question = format!("Remove {of}? Addresses there no longer lead to this organization.");
    view! {
        <li class="row">
            <div class="row-text">
                <p class="row-title"><span class="is-mono">{domain.name}</span>" "<span class=class>{status}</span></p>
                <p class="row-detail">{kind}</p>
            </div>
            <div class="row-actions">
                <Can permission=Permission::SettingsManage>
                    <Confirm label="Remove …" of question>
                        <form method="post" action=in_organization(routes::REMOVE_DOMAIN) data-live>
                            <input type="hidden" name="domain" value=id/>
                            <input type="hidden" name="next" value=here().to_string()/>
                            <button class="button is-danger" type="submit">"Remove"</button>
                        </form>
                    </Confirm>
                </Can>
            </div>
        </li>
    }
}
