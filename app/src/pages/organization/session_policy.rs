//! How long members stay signed in at the provider.

use auth::management::SessionPolicy;
use leptos::prelude::*;

use crate::{
    context::{here, in_organization},
    moment,
    permission::Permission,
    routes,
    ui::gate::Can,
};

pub(super) fn view(policy: SessionPolicy) -> AnyView {
    let source = if policy.is_custom {
        "The organization's own"
    } else {
        "The application's"
    };
    let absolute = moment::span(policy.absolute.whole_seconds());
    let idle = policy.idle.map_or_else(
        || "Does not matter".to_owned(),
        |idle| moment::span(idle.whole_seconds()),
    );
    let idle_minutes = policy.idle.map(time::Duration::whole_minutes);
    view! {
        <dl class="facts is-inline">
            <div><dt>"Policy"</dt><dd>{source}</dd></div>
            <div><dt>"Ends at the latest after"</dt><dd>{absolute}</dd></div>
            <div><dt>"Ends without use after"</dt><dd>{idle}</dd></div>
        </dl>
        <Can permission=Permission::SessionPolicyManage>
            <details class="more">
                <summary>"Change the policy"</summary>
                <form class="stack fields" method="post" action=in_organization(routes::SET_SESSION_POLICY) data-live>
                    <input type="hidden" name="next" value=here().to_string()/>
                    <input type="hidden" name="source" value="custom"/>
                    <p class="hint">"It can only be stricter than the application's, and holds for new sessions."</p>
                    <div class="field">
                        <label for="policy-absolute">"Ends at the latest after (minutes)"</label>
                        <input id="policy-absolute" name="absolute_minutes" type="number" min="10" max="43200" required
                            value=policy.absolute.whole_minutes()/>
                    </div>
                    <div class="field">
                        <label for="policy-idle">"Ends without use after (minutes; empty for never)"</label>
                        <input id="policy-idle" name="idle_minutes" type="number" min="6" max="43200" value=idle_minutes/>
                    </div>
                    <div><button class="button is-primary" type="submit">"Save"</button></div>
                </form>
                {policy.is_custom.then(|| view! {
                    <form method="post" action=in_organization(routes::SET_SESSION_POLICY) data-live>
                        <input type="hidden" name="next" value=here().to_string()/>
                        <input type="hidden" name="source" value="application"/>
                        <button class="button is-quiet" type="submit">"Use the application's policy"</button>
                    </form>
                })}
            </details>
        </Can>
    }
    .into_any()
}
