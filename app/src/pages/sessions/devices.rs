//! Your sessions on all devices, and ending the others.

use leptos::prelude::*;
use time::OffsetDateTime;

use crate::{
    load::Device,
    routes,
    ui::{
        confirm::Confirm,
        icon::{Glyph, Icon},
        time::Time,
    },
};

/// The card of all of them.
///
/// Without a recent sign-in the forms are sent as forms, which lead to where the person proves who they are.
pub(super) fn devices(devices: Option<Vec<Device>>, is_recent: bool, now: OffsetDateTime) -> impl IntoView {
    let content = match devices {
        None => {
            view! { <p class="empty">"Your sessions cannot be listed right now. Try again in a moment."</p> }
                .into_any()
        }
        Some(devices) => {
            let has_others = devices.iter().any(|device| !device.is_own);
            let rows: Vec<_> = devices
                .into_iter()
                .map(|device| view! { <Row device is_recent now/> })
                .collect();
            view! {
                <ul class="rows">{rows}</ul>
                {has_others.then(|| view! {
                    <div class="row-actions is-end">
                        <Confirm label="End all others …" of=String::new()
                            question="End all your sessions but this one? Those devices are signed out at once.".to_owned()>
                            <form method="post" action=routes::END_OTHERS data-live=is_recent>
                                <input type="hidden" name="next" value=routes::SESSIONS/>
                                <button class="button is-danger" type="submit">"End all others"</button>
                            </form>
                        </Confirm>
                    </div>
                })}
            }
            .into_any()
        }
    };
    view! {
        <section class="card is-full" id="devices" aria-labelledby="devices-title" tabindex="-1" data-section=routes::SESSIONS>
            <h2 class="card-title" id="devices-title"><Icon glyph=Glyph::Screen/>"Your devices"</h2>
            <p class="card-about">
                "Every session of yours. Ending one asks who you are, unless you have proved it within ten minutes."
            </p>
            {content}
            <p class="outcome" role="status"></p>
        </section>
    }
}

#[component]
fn Row(device: Device, is_recent: bool, now: OffsetDateTime) -> impl IntoView {
    let seen = device.last_seen.relative(now);
    let of = device.name.clone();
    let question = format!(
        "End the session of {}? That device is signed out at once.",
        device.name
    );
    let action = if device.is_own {
        view! { <span class="badge is-good">"This one"</span> }.into_any()
    } else {
        view! {
            <Confirm label="End …" of question>
                <form method="post" action=routes::END_SESSION data-live=is_recent>
                    <input type="hidden" name="session" value=device.handle/>
                    <input type="hidden" name="next" value=routes::SESSIONS/>
                    <button class="button is-danger" type="submit">"End this session"</button>
                </form>
            </Confirm>
        }
        .into_any()
    };
    let place: Vec<_> = [device.address, device.organization]
        .into_iter()
        .flatten()
        .collect();
    view! {
        <li class="row">
            <span class="row-icon"><Icon glyph=Glyph::Screen/></span>
            <div class="row-text">
                <p class="row-title">{device.name}</p>
                <p class="row-detail is-mono">{place.join(" · ")}</p>
                <p class="row-detail">"Started "<Time moment=device.started/>" · last seen "{seen}</p>
            </div>
            <div class="row-actions">{action}</div>
        </li>
    }
}
