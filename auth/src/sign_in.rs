//! A sign-in from its first redirect to the new session (promises 5 to 7).
//!
//! [`begin`] sends the browser to the provider, [`finish`] takes what it brings back. Neither knows pages: an error
//! says which failure it was, and the caller finds the words.

use std::{fmt, net::IpAddr, sync::Arc};

use time::OffsetDateTime;
use tower_sessions::session::Id;
use url::Url;

use crate::{
    client::{
        AuthorizationError, Client, ExchangeError, Hints, InitiationError, NotDiscovered, provider_code,
    },
    discovery::Provider,
    flight::{Landed, Outcome},
    http::HttpError,
    local_path::LocalPath,
    management::{ApiId, Management},
    refresh::Sessions,
    session::{Origin, SessionCookie, SignedIn},
    store::StoreError,
    transaction::{Transaction, TransactionError, Transactions},
};

mod initiation;
mod parameters;

pub use crate::flight::BrokenOff;
pub use initiation::{Initiated, initiate};
use parameters::Parameters;

/// Longer than any provider's.
const CODE_MAX_LEN: usize = 4096;
const USER_AGENT_MAX_LEN: usize = 256;

/// A sign-in that did not begin or did not finish. It leaves no session behind.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub error: Arc<SignInError>,
    /// Where the person wanted to go, as far as that is known: another try should lead there.
    pub next: Option<LocalPath>,
    /// Whether the same request may succeed later.
    pub is_repeatable: bool,
    /// Whether another request has met this very failure already, and told the log.
    pub is_told: bool,
}

/// Why a sign-in did not begin or did not finish.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// A parameter is missing, occurs twice, or has a value that makes no sense.
    #[error("the parameter `{0}` is missing, duplicated or malformed")]
    Parameter(&'static str),
    /// The provider has not been discovered yet, or is down.
    #[error(transparent)]
    ProviderUnavailable(#[from] NotDiscovered),
    /// There is nowhere to send the browser.
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),
    /// This browser has no such sign-in in progress.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The response comes from another issuer, or does not say from which although the provider always does
    /// (RFC 9207 §2.4).
    #[error("the authorization response does not come from the issuer that was asked")]
    IssuerMismatch,
    /// The provider answered with an error instead of a code.
    #[error("the provider answered with the error {refusal:?}")]
    Provider {
        /// What it means.
        refusal: ProviderRefusal,
        /// Whether it answers a sign-in that this browser has in progress. If not, anybody may have made it up.
        solicited: bool,
    },
    /// The note that an IdP-initiated sign-in begins with is not acceptable.
    #[error("the token of the IdP-initiated sign-in is not acceptable")]
    Initiation(#[from] InitiationError),
    /// The code was not exchanged for tokens that are acceptable.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The session could not be stored.
    #[error(transparent)]
    Session(#[from] StoreError),
    /// The work was not finished.
    #[error(transparent)]
    BrokenOff(#[from] BrokenOff),
}

impl SignInError {
    /// After how many seconds the provider asks to be tried again, where it does.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Exchange(ExchangeError::Unreachable(error))
            | Self::Authorization(AuthorizationError::Unreachable(error)) => HttpError::retry_after(error),
            _ => None,
        }
    }

    fn with(self, next: &LocalPath) -> Failure {
        Failure {
            error: Arc::new(self),
            next: Some(next.clone()),
            is_repeatable: false,
            is_told: false,
        }
    }
}

impl<E: Into<SignInError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            error: Arc::new(error.into()),
            next: None,
            is_repeatable: false,
            is_told: false,
        }
    }
}

/// What the error codes of an authorization response (RFC 6749 §4.1.2.1, Core §3.1.2.6, Scalekit's own) mean for the
/// person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderRefusal {
    /// `access_denied`: somebody said no.
    Denied,
    /// `login_required` and its kin: the provider would have to ask, and was asked not to.
    InteractionRequired,
    /// `user_not_active`: the account is switched off.
    AccountInactive,
    /// There is no such organization or connection.
    OrganizationUnknown,
    /// The organization's single sign-on is not set up or switched off.
    ConnectionInactive,
    /// The e-mail address is of a domain that no organization has, or not this one.
    DomainUnknown,
    /// `server_error`, `temporarily_unavailable`: try again later.
    Unavailable,
    /// Everything else: this application or its registration is at fault.
    Misconfigured,
}

impl ProviderRefusal {
    fn from_code(code: &str) -> Self {
        match code {
            "access_denied" | "unauthorized" => Self::Denied,
            "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required"
            | "user_login_required" => Self::InteractionRequired,
            "user_not_active" => Self::AccountInactive,
            "invalid_organization_id" | "invalid_connection_id" | "invalid_connection_selector" => {
                Self::OrganizationUnknown
            }
            "no_active_connections" | "connection_not_active" | "no_configured_connections" => {
                Self::ConnectionInactive
            }
            "domain_not_found" | "invalid_user_domain" => Self::DomainUnknown,
            "server_error" | "temporarily_unavailable" => Self::Unavailable,
            _ => Self::Misconfigured,
        }
    }
}

/// Begins a sign-in: remembers it in a cookie and says where to send the browser.
///
/// `query` is the raw query string of `/auth/login`.
pub async fn begin(client: &Client, transactions: &Transactions<'_>, query: &str) -> Result<Url, Failure> {
    let parameters = Parameters::parse(query);
    let next = LocalPath::parse_or_dashboard(parameters.one("next")?);
    let hints = parameters.hints().map_err(|error| error.with(&next))?;
    begin_with(client, transactions, next, &hints).await
}

async fn begin_with(
    client: &Client,
    transactions: &Transactions<'_>,
    next: LocalPath,
    hints: &Hints,
) -> Result<Url, Failure> {
    let transaction = Transaction {
        reauthenticates: hints.asks_for_reauthentication(),
        ..Transaction::new(next, transactions.surroundings)
    };
    match client.authorization_url(&transaction, hints).await {
        Ok(url) => {
            transactions.begin(&transaction);
            Ok(url)
        }
        Err(error) => Err(Failure {
            is_repeatable: !matches!(error, AuthorizationError::Refused(_)),
            ..SignInError::from(error).with(&transaction.next)
        }),
    }
}

/// The browser's side of an authorization response.
pub struct Callback<'a> {
    /// The sign-ins that it has in progress.
    pub transactions: &'a Transactions<'a>,
    /// The session that it has, if any. It ends where another begins.
    pub session: Option<Id>,
    /// The way to give it the one that begins.
    pub cookie: &'a SessionCookie,
    /// Its `User-Agent`.
    pub user_agent: &'a str,
    /// Where it is, as far as that is known.
    pub address: Option<IpAddr>,
    /// How long its session may live.
    pub session_lifetime: time::Duration,
}

/// Without its session: whoever knows the id has it.
impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

/// Finishes a sign-in: exchanges the code, verifies the tokens, and begins the person's session. Says where they wanted
/// to go.
///
/// `query` is the raw query string of the authorization response (RFC 6749 §4.1.2).
pub async fn finish(
    client: &Client,
    sessions: &Sessions,
    browser: &Callback<'_>,
    query: &str,
) -> Result<LocalPath, Failure> {
    let transactions = browser.transactions;
    let parameters = Parameters::parse(query);
    let state = parameters.one("state")?;
    // The provider's own reason goes first, even without a `state` that we know: it is what the person must hear, and
    // nothing happens because of it (W23).
    if let Some(code) = parameters.one("error")? {
        tracing::info!(provider.error = %provider_code(code), "the provider answered with an error");
        let is_ours = client
            .provider()
            .map_or(Ok(true), |provider| is_from(&provider, &parameters))?;
        let transaction = state
            .filter(|_| is_ours)
            .and_then(|state| transactions.take(state).ok());
        return Err(Failure {
            error: Arc::new(SignInError::Provider {
                refusal: ProviderRefusal::from_code(code),
                solicited: transaction.is_some(),
            }),
            next: transaction.map(|transaction| transaction.next),
            is_repeatable: false,
            is_told: false,
        });
    }
    let state = state.ok_or(SignInError::Parameter("state"))?;
    if let Err(error) = client.provider() {
        // Nothing is used up yet: the same address works as soon as the provider is known.
        return Err(Failure {
            is_repeatable: true,
            ..Failure::from(error)
        });
    }
    // Taken before anything else is looked at: the browser forgets it, whatever the response says, and the code of one
    // that forgets nothing is exchanged once all the same (`flight`).
    let transaction = match transactions.take(state) {
        Ok(transaction) => transaction,
        // The callback again, from history or a second tab: whoever is signed in stays so, and nothing changes.
        Err(error) => {
            return match signed_in(sessions, browser.session).await? {
                Some(_) => Ok(LocalPath::dashboard()),
                None => Err(error.into()),
            };
        }
    };
    let code = code(client, &parameters).map_err(|error| error.with(&transaction.next))?;
    let now = transactions.surroundings.now();
    let origin = Origin {
        address: browser.address,
        ..origin(now, browser.user_agent, browser.session_lifetime)
    };
    let state = state.to_owned();
    let next = transaction.next.clone();
    let landing = land(client.clone(), sessions.clone(), code, transaction, origin);
    let arrival = client.flights.once(&state, now, landing).await;
    let landed = arrival.outcome.map_err(|failure| Failure {
        is_told: !arrival.is_first,
        ..failure
    })?;
    let is_overtaken = |own: &SignedIn| {
        // One that began later stays: the person has signed in as somebody else since.
        !arrival.is_first && own.origin.signed_in_at >= whole_seconds(arrival.started_at)
    };
    move_in(sessions, browser, &landed, is_overtaken)
        .await
        .map_err(|error| SignInError::from(error).with(&next))?;
    Ok(landed.next)
}

/// Leads the browser into the session that has begun, in place of the one it has. Whoever knew the old one, or shared
/// it, is left with nothing (promise 7; session fixation).
async fn move_in(
    sessions: &Sessions,
    browser: &Callback<'_>,
    landed: &Landed,
    is_overtaken: impl Fn(&SignedIn) -> bool,
) -> Result<(), StoreError> {
    if let Some(own) = browser.session.filter(|own| *own != landed.session) {
        let current = signed_in(sessions, Some(own)).await?;
        if current.as_ref().is_some_and(is_overtaken) {
            return Ok(());
        }
        // Its refresh token is not given back: to the provider, both may be one session, of which that would be the end.
        sessions.vault().end(own).await?;
    }
    browser.cookie.give(landed.session, landed.ends_at);
    Ok(())
}

async fn signed_in(sessions: &Sessions, id: Option<Id>) -> Result<Option<SignedIn>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    let open = sessions.vault().open(id).await?;
    Ok(open.ok().map(|session| session.signed_in))
}

/// Exchanges the code and begins the person's session; to be done once for each transaction.
async fn land(
    client: Client,
    sessions: Sessions,
    code: String,
    transaction: Transaction,
    origin: Origin,
) -> Outcome {
    let with_next = |error: SignInError| error.with(&transaction.next);
    let grant = client.exchange_code(code, &transaction).await;
    let mut signed_in = SignedIn::new(grant.map_err(|error| with_next(error.into()))?, origin);
    if transaction.reauthenticates && signed_in.origin.authenticated_at.is_none() {
        signed_in.origin.authenticated_at = proved_at(&client, &signed_in, &transaction).await;
    }
    let session = sessions.vault().begin(&signed_in).await;
    let session = session.map_err(|error| with_next(error.into()))?;
    tracing::info!(
        user.id = %signed_in.user.sub,
        organization.id = signed_in.organization_id(),
        "signed in"
    );
    if signed_in.tokens.refresh_token.is_none() {
        tracing::info!(
            user.id = %signed_in.user.sub,
            "no refresh token: this session ends with its access token; SCALEKIT_SCOPES with offline_access asks for one"
        );
    }
    Ok(Landed {
        next: transaction.next,
        session,
        ends_at: signed_in.origin.ends_at,
    })
}

/// When the person proved who they are, if the provider's session began after they were asked to. That they were asked
/// proves nothing: the request went through their browser, which may have left `prompt=login` out.
async fn proved_at(
    client: &Client,
    signed_in: &SignedIn,
    transaction: &Transaction,
) -> Option<OffsetDateTime> {
    let sid = ApiId::parse(signed_in.provider_session()?).ok()?;
    let began = Management::new(client.clone()).session_began(&sid).await;
    let began = began.inspect_err(|error| {
        let error = crate::error_chain(error);
        tracing::info!(%error, "whether the sign-in is a proof cannot be found out; it counts as none");
    });
    began
        .ok()?
        .filter(|began| *began >= whole_seconds(transaction.started_at))
}

/// The code of an authorization response, if it comes from the provider that was asked.
fn code(client: &Client, parameters: &Parameters) -> Result<String, SignInError> {
    if !is_from(client.provider()?.as_ref(), parameters)? {
        return Err(SignInError::IssuerMismatch);
    }
    parameters
        .one("code")?
        .filter(|code| !code.is_empty() && code.len() <= CODE_MAX_LEN)
        .map(str::to_owned)
        .ok_or(SignInError::Parameter("code"))
}

/// Whether a response, code or error, names `provider` as its issuer, or nobody where the provider does not always name
/// itself (RFC 9207 §2.4).
fn is_from(provider: &Provider, parameters: &Parameters) -> Result<bool, SignInError> {
    Ok(match parameters.one("iss")? {
        Some(issuer) => issuer == provider.issuer(),
        None => !provider.names_itself_in_responses(),
    })
}

fn origin(now: OffsetDateTime, user_agent: &str, lifetime: time::Duration) -> Origin {
    let now = whole_seconds(now);
    Origin {
        signed_in_at: now,
        ends_at: now.saturating_add(lifetime),
        user_agent: user_agent
            .chars()
            .filter(|c| !c.is_control())
            .take(USER_AGENT_MAX_LEN)
            .collect(),
        nonce: None,
        address: None,
        authenticated_at: None,
    }
}

fn whole_seconds(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(0).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_is_kept_short_and_without_control_characters() {
        let user_agent = format!("a\u{0}\r\n\u{e4}{}", "b".repeat(300));
        let origin = origin(OffsetDateTime::UNIX_EPOCH, &user_agent, time::Duration::hours(1));
        assert_eq!(origin.user_agent, format!("a\u{e4}{}", "b".repeat(254)));
    }

    #[test]
    fn a_session_begins_at_a_whole_second_and_ends_after_its_lifetime() {
        let now = OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(1_500);
        let origin = origin(now, "", time::Duration::hours(1));
        assert_eq!(origin.signed_in_at.unix_timestamp_nanos(), 1_000_000_000);
        assert_eq!(origin.ends_at - origin.signed_in_at, time::Duration::hours(1));
    }
}
