//! A sign-in in progress: its own `state`, `nonce` and PKCE verifier, sealed in a cookie of its own (promise 5).
//!
//! The cookie's name is derived from `state`, so tabs do not disturb each other, and the callback finds the one it
//! belongs to. Whoever does not hold the cookie (another browser) cannot finish the sign-in (RFC 9700 §4.7).

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tower_cookies::{
    Cookie, Cookies,
    cookie::{SameSite, time::Duration as CookieDuration},
};

use crate::{
    clock::{CLOCK_SKEW, Surroundings},
    local_path::LocalPath,
    seal::{Purpose, Secrets},
};

/// How long a person may take at the provider. Scalekit's codes live as long.
pub(crate) const LIFETIME: Duration = Duration::minutes(10);
/// More cookies than this would soon exceed what servers accept as request headers.
const MOST_AT_ONCE: usize = 5;
/// Nobody honest has more to clear away, and clearing costs more than sending.
const MOST_REMOVED_AT_ONCE: usize = 20;
const COOKIE_PREFIX: &str = "scalekit_signin_";

/// What must be remembered between leaving for the provider and coming back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: String,
    pub(crate) next: LocalPath,
    /// Whether the person was asked to prove again who they are.
    #[serde(default)]
    pub(crate) reauthenticates: bool,
    /// To the millisecond: the oldest goes first, and tabs are opened quickly.
    #[serde(with = "time::serde::timestamp::milliseconds")]
    pub(crate) started_at: OffsetDateTime,
}

/// Why a callback belongs to no sign-in of this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// No cookie for this `state`: started in another browser, already used, dropped, or cookies are off.
    #[error("no sign-in with this state was started in this browser, or it is already used")]
    Unknown,
    /// It took longer than ten minutes.
    #[error("the sign-in took longer than ten minutes")]
    Expired,
}

/// Without its secrets: whoever knows them may finish the sign-in.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("next", &self.next)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

impl Transaction {
    /// A fresh one.
    pub fn new(next: LocalPath, surroundings: &Surroundings) -> Self {
        Self {
            state: surroundings.random_token(),
            nonce: surroundings.random_token(),
            code_verifier: surroundings.random_token(),
            next,
            reauthenticates: false,
            started_at: surroundings.now(),
        }
    }

    fn is_expired(&self, now: OffsetDateTime) -> bool {
        let age = now - self.started_at;
        age >= LIFETIME || age < -CLOCK_SKEW
    }
}

/// The sign-ins that one browser has in progress, in its cookies.
pub struct Transactions<'a> {
    /// The request's cookies; changes are sent with the response.
    pub cookies: &'a Cookies,
    /// Keys to seal with.
    pub secrets: &'a Secrets,
    /// Clock and randomness.
    pub surroundings: &'a Surroundings,
    /// Whether people reach us through TLS.
    pub https: bool,
}

/// Without the cookies.
impl fmt::Debug for Transactions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transactions").finish_non_exhaustive()
    }
}

impl Transactions<'_> {
    /// Remembers `transaction`, dropping expired ones and then the oldest if there are too many.
    pub fn begin(&self, transaction: &Transaction) {
        let now = self.surroundings.now();
        let mut others: Vec<(String, Option<OffsetDateTime>)> = self
            .cookies
            .list()
            .iter()
            .filter(|cookie| cookie.name().starts_with(&self.prefix()))
            .map(|cookie| {
                let open = self.open(cookie).filter(|other| !other.is_expired(now));
                (cookie.name().to_owned(), open.map(|other| other.started_at))
            })
            .collect();
        // Unreadable and expired ones (`None`) sort first and all go; then the oldest.
        others.sort_by_key(|(_, started_at)| *started_at);
        let dead = others
            .iter()
            .filter(|(_, started_at)| started_at.is_none())
            .count();
        let surplus = (others.len() + 1).saturating_sub(MOST_AT_ONCE);
        for (name, _) in others
            .into_iter()
            .take(dead.max(surplus).min(MOST_REMOVED_AT_ONCE))
        {
            self.remove(name);
        }

        let name = self.cookie_name(&transaction.state);
        let plaintext = serde_json::to_vec(transaction).unwrap_or_default();
        let sealed = self.secrets.seal(
            Purpose::Transaction,
            &[],
            name.as_bytes(),
            &plaintext,
            self.surroundings,
        );
        let mut cookie = self.cookie(name, URL_SAFE_NO_PAD.encode(sealed));
        cookie.set_max_age(CookieDuration::seconds(LIFETIME.whole_seconds()));
        self.cookies.add(cookie);
    }

    /// Takes the transaction that `state` belongs to. It is gone afterwards, whatever becomes of the sign-in
    /// (RFC 9700 §4.2.4).
    pub fn take(&self, state: &str) -> Result<Transaction, TransactionError> {
        let name = self.cookie_name(state);
        let cookie = self.cookies.get(&name).ok_or(TransactionError::Unknown)?;
        self.remove(name);
        let transaction = self.open(&cookie).ok_or(TransactionError::Unknown)?;
        // The name is a hash of the state; the state itself is compared as well, in constant time.
        if constant_time::verify_slices_are_equal(transaction.state.as_bytes(), state.as_bytes()).is_err() {
            return Err(TransactionError::Unknown);
        }
        if transaction.is_expired(self.surroundings.now()) {
            return Err(TransactionError::Expired);
        }
        Ok(transaction)
    }

    fn open(&self, cookie: &Cookie<'_>) -> Option<Transaction> {
        let sealed = URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
        let plaintext = self
            .secrets
            .open(Purpose::Transaction, &[], cookie.name().as_bytes(), &sealed)
            .ok()?;
        serde_json::from_slice(&plaintext).ok()
    }

    fn prefix(&self) -> String {
        format!("{}{COOKIE_PREFIX}", if self.https { "__Host-" } else { "" })
    }

    fn cookie_name(&self, state: &str) -> String {
        let hash = digest::digest(&digest::SHA256, state.as_bytes());
        let short = URL_SAFE_NO_PAD.encode(hash.as_ref().split_at(12).0);
        format!("{}{short}", self.prefix())
    }

    fn cookie(&self, name: String, value: String) -> Cookie<'static> {
        // Lax, not Strict: the cookie must come along when the provider redirects back (BFF draft allows it with a
        // reason; this is the reason).
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.https)
            .same_site(SameSite::Lax)
            .build()
    }

    fn remove(&self, name: String) {
        self.cookies.remove(self.cookie(name, String::new()));
    }
}

#[cfg(test)]
mod tests;
