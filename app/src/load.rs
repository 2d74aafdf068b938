//! What a page needs beyond the session, loaded before it renders: pages themselves wait for nothing.

use std::time::Duration;

use auth::{
    client::inspection::Inspections,
    devices,
    management::{Membership, ProviderSession},
    vault::OpenSession,
};
use time::OffsetDateTime;
use tokio::time::timeout;
use tower_sessions::session::Id;

use crate::{
    context::Services,
    moment::Moment,
    organization::sections::{self, Failure, Sections},
    routes,
};

/// Where a browser was is nice to know, and no reason to wait.
const PATIENCE: Duration = Duration::from_millis(400);

/// What has been loaded for a page.
#[derive(Debug, Clone)]
pub enum Loaded {
    /// For the organization's settings; nothing if the session is in no organization.
    Settings(Option<Box<Sections>>),
    /// For the token inspector.
    Sessions(Box<SessionsData>),
    /// For the organizations.
    Organizations(Result<Vec<Membership>, Failure>),
}

/// A person's tokens and devices.
#[derive(Debug, Clone)]
pub struct SessionsData {
    /// The tokens, taken apart.
    pub tokens: Inspections,
    /// The person's sessions; `None` if the store does not answer.
    pub devices: Option<Vec<Device>>,
    /// Whether the person has proved recently who they are.
    pub is_recent: bool,
    /// When that was.
    pub now: OffsetDateTime,
}

/// One of the person's sessions, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// What it is called, to end it.
    pub handle: String,
    /// Whether it is the one that looks.
    pub is_own: bool,
    /// Such as `Firefox on Windows`.
    pub name: String,
    /// Where it was.
    pub address: Option<String>,
    /// The organization it is signed in to.
    pub organization: Option<String>,
    /// When it began.
    pub started: Moment,
    /// When it was last used, to the minute.
    pub last_seen: Moment,
}

/// Loads what the page at `path` needs, if it needs anything.
pub async fn load(
    services: &Services,
    session: &OpenSession,
    own: Option<Id>,
    path: &str,
    query: Option<&str>,
) -> Option<Loaded> {
    if sections::has_sections(path) {
        let sections = Box::pin(sections::load(services, session, path, query)).await;
        return Some(Loaded::Settings(sections.map(Box::new)));
    }
    match path {
        routes::SESSIONS => {
            let data = load_sessions(services, session, own?).await;
            Some(Loaded::Sessions(Box::new(data)))
        }
        routes::ORGANIZATIONS => {
            let memberships = services.management.memberships(&session.signed_in).await;
            let memberships = memberships.map_err(|error| {
                tracing::info!(error = %auth::error_chain(&error), "memberships cannot be had");
                Failure::from(&error)
            });
            Some(Loaded::Organizations(memberships))
        }
        _ => None,
    }
}

async fn load_sessions(services: &Services, session: &OpenSession, own: Id) -> SessionsData {
    let at_provider = services.management.provider_sessions(&session.signed_in);
    let (tokens, found, at_provider) = tokio::join!(
        services.client.inspect(&session.signed_in),
        devices::list(&services.sessions, own, &session.signed_in),
        timeout(PATIENCE, at_provider),
    );
    let at_provider = at_provider.ok().and_then(Result::ok).unwrap_or_default();
    let devices = found.inspect_err(|error| tracing::warn!(%error, "a person's sessions cannot be listed"));
    let now = services.surroundings.now();
    SessionsData {
        is_recent: session.signed_in.is_recent(now),
        tokens,
        devices: devices.ok().map(|devices| {
            devices
                .into_iter()
                .map(|device| Device::new(device, &at_provider))
                .collect()
        }),
        now,
    }
}

impl Device {
    fn new(device: devices::Device, at_provider: &[ProviderSession]) -> Self {
        let summary = device.session.summary;
        let known = at_provider
            .iter()
            .find(|known| Some(&known.session_id) == summary.provider_session.as_ref());
        let own_address = summary.address.map(|address| address.to_canonical().to_string());
        let address = own_address.or_else(|| known?.address().map(str::to_owned));
        let location = known.and_then(ProviderSession::location);
        Self {
            handle: device.handle.as_str().to_owned(),
            is_own: device.is_own,
            name: name_of(&summary.user_agent),
            address: match (address, location) {
                (Some(address), Some(location)) => Some(format!("{address}, {location}")),
                (address, location) => address.or_else(|| location.map(str::to_owned)),
            },
            organization: summary.organization,
            started: summary.signed_in_at.into(),
            last_seen: device.session.last_seen.into(),
        }
    }
}

/// A browser and its system, in words.
fn name_of(user_agent: &str) -> String {
    const UNKNOWN: &str = "UNKNOWN";
    let Some(parsed) = woothee::parser::Parser::new().parse(user_agent) else {
        return "A browser that we do not know".to_owned();
    };
    let browser = match parsed.name {
        UNKNOWN => "A browser that we do not know",
        name => name,
    };
    let system = match parsed.os {
        UNKNOWN => return browser.to_owned(),
        "Mac OSX" => "macOS",
        system if system.starts_with("Windows") => "Windows",
        system => system,
    };
    format!("{browser} on {system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_what_people_call_them() {
        let chrome = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/120.0.0.0 Safari/537.36";
        let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/18.1 Mobile/15E148 Safari/604.1";
        assert_eq!(name_of(chrome), "Chrome on macOS");
        assert_eq!(name_of(firefox), "Firefox on Windows");
        assert_eq!(name_of(safari), "Safari on iPhone");
        assert_eq!(name_of("TestBrowser/1.0"), "A browser that we do not know");
        assert_eq!(name_of(""), "A browser that we do not know");
    }
}
