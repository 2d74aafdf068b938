//! A person's sessions on all their devices: what each may show of itself to the others, and ending them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::task::JoinSet;
use tower_sessions::session::Id;
use tracing::Instrument as _;

use crate::{
    claims::exact,
    management::{ApiId, Management},
    refresh::Sessions,
    session::{Lookup, SignedIn},
    store::{RowKey, StoreError},
    vault::{FoundSession, row_key},
};

/// Names a session to its own person, and opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(String);

impl Handle {
    /// That of the session with the key `key`: a part of a hash, which cannot be turned back and finds nothing alone.
    fn of(key: RowKey) -> Self {
        let RowKey(hash) = key;
        let (part, _) = hash.split_at(12);
        Self(URL_SAFE_NO_PAD.encode(part))
    }

    /// That of the session with the cookie value `id`.
    pub fn of_session(id: Id) -> Self {
        Self::of(row_key(id))
    }

    /// As it stands in a page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One session of a person.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its name.
    pub handle: Handle,
    /// Whether it is the one that asks.
    pub is_own: bool,
    /// What it shows.
    pub session: FoundSession,
}

/// Which sessions are to end.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// The one with this handle.
    One(&'a str),
    /// All but the one that asks.
    Others,
}

/// What came of ending sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How many ended here. They are dead from now on.
    pub here: usize,
    /// How many of the provider's sessions could not be ended as well. They end by themselves.
    pub left_at_provider: usize,
}

/// The sessions of the person of `session`, whose own cookie value is `own`; the most recently used first.
pub async fn list(sessions: &Sessions, own: Id, session: &SignedIn) -> Result<Vec<Device>, StoreError> {
    let found = find(sessions, session).await?;
    let own = row_key(own);
    let device = |session: FoundSession| Device {
        handle: Handle::of(session.key),
        is_own: session.key == own,
        session,
    };
    Ok(found.into_iter().map(device).collect())
}

/// Ends `which` of them, here and at the provider. Never the one that asks: that is signing out.
pub async fn end(
    sessions: &Sessions,
    management: &Management,
    own: Id,
    session: &SignedIn,
    which: Which<'_>,
) -> Result<Ended, StoreError> {
    let (chosen, kept): (Vec<_>, Vec<_>) =
        list(sessions, own, session)
            .await?
            .into_iter()
            .partition(|device| {
                !device.is_own
                    && match which {
                        Which::One(handle) => device.handle.as_str() == handle,
                        Which::Others => true,
                    }
            });
    let mut here = 0;
    for device in &chosen {
        here += usize::from(sessions.vault().end_found(device.session.key).await?);
    }
    // The provider may know several of our sessions as one: of a browser that signed in twice. It goes on for those that
    // stay.
    let sid = |device: &Device| device.session.summary.provider_session.clone();
    let kept: Vec<_> = kept.iter().filter_map(sid).collect();
    let mut gone: Vec<_> = chosen
        .iter()
        .filter_map(sid)
        .filter(|sid| !kept.contains(sid))
        .collect();
    gone.sort();
    gone.dedup();
    tracing::info!(user.id = %session.user.sub, session.count = here, "sessions ended by their person");
    Ok(Ended {
        here,
        left_at_provider: revoke(management, gone).await,
    })
}

/// Ends the provider's sessions `sids`, all at once, and says how many of them could not be.
async fn revoke(management: &Management, sids: Vec<String>) -> usize {
    let mut tasks = JoinSet::new();
    for sid in sids {
        let management = management.clone();
        let task = async move {
            let Ok(sid) = ApiId::parse(&sid) else { return false };
            let outcome = management.revoke_session(&sid).await;
            if let Err(error) = &outcome {
                let error = crate::error_chain(error);
                tracing::warn!(%error, "a session at the provider could not be ended; it ends by itself");
            }
            outcome.is_ok()
        };
        tasks.spawn(task.in_current_span());
    }
    let outcomes = tasks.join_all().await;
    outcomes.into_iter().filter(|is_ended| !is_ended).count()
}

async fn find(sessions: &Sessions, session: &SignedIn) -> Result<Vec<FoundSession>, StoreError> {
    let issuer = exact(&session.user.claims, "iss").unwrap_or_default();
    sessions
        .vault()
        .find(issuer, Lookup::User(&session.user.sub))
        .await
}
