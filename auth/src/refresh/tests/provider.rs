//! An idea of a provider: refresh tokens are traded once, again within a grace period at most, and whatever can go wrong
//! goes wrong on request.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use http::StatusCode;
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

use super::{dice::Dice, family::Family, process::Process, world::VirtualClock};
use crate::{
    claims::Claims,
    client::{RefreshError, RefreshFailure, Renewal},
    clock::Clock as _,
    http::HttpError,
    refresh::Exchange,
    secret::{AccessToken, IdToken, RefreshToken},
    session::{SignedIn, fixture::somebody},
};

/// After this long an exchange without an answer is given up (`http::Budget::Refresh`).
const TIME_OUT: Duration = Duration::from_secs(7);

/// Whose tokens these are.
pub(super) const ISSUER: &str = "https://provider.example";
/// So that long schedules see its end.
const SESSION_LIFE: time::Duration = time::Duration::hours(2);

/// How a provider treats its tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manners {
    /// For how long after its first use a refresh token is taken again. Scalekit: about 30 s. Others: not at all.
    pub(super) grace: Duration,
    /// Whether each answer brings a new refresh token. If not, the first is good for ever.
    pub(super) rotates: bool,
    /// How long an access token lives.
    pub(super) token_life: time::Duration,
    /// How long one way to the provider takes at most. Twice that is less than any time-out.
    pub(super) pace: Duration,
}

/// What can go wrong with an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing arrives at the provider, and the call times out.
    Unreachable,
    /// 429, with `Retry-After`.
    TooManyRequests(u32),
    /// 503, before anything was done.
    ServerError,
    /// `invalid_client`.
    ClientRefused,
    /// All is done, but the call times out.
    AnswerLost,
    /// All is done, but the answer is a web page.
    Garbage,
    /// All is done, but the new tokens cannot be verified.
    NotVerified,
    /// Our own code fails.
    Panic,
}

impl Fault {
    /// Whether the provider takes the refresh token all the same.
    fn uses_the_token(self) -> bool {
        matches!(self, Self::AnswerLost | Self::Garbage | Self::NotVerified)
    }

    fn error(self) -> RefreshError {
        let unavailable =
            |status, retry_after| RefreshError::Unreachable(HttpError::Unavailable { status, retry_after });
        match self {
            Self::Unreachable | Self::AnswerLost => RefreshError::Unreachable(HttpError::Timeout),
            Self::TooManyRequests(seconds) => unavailable(StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
            Self::ServerError => unavailable(StatusCode::SERVICE_UNAVAILABLE, None),
            Self::ClientRefused => RefreshError::ClientRefused,
            Self::Garbage => RefreshError::Unreadable("not JSON, or empty".to_owned()),
            Self::NotVerified => RefreshError::NotVerified,
            Self::Panic => panic!("as the test wished"),
        }
    }
}

/// Where all processes trade their tokens.
#[derive(Debug)]
pub(super) struct Provider {
    manners: Manners,
    clock: VirtualClock,
    dice: Dice,
    fault: Mutex<Option<(Fault, Instant)>>,
    slowness: Mutex<Duration>,
    families: Mutex<BTreeMap<String, Family>>,
    first_uses: Mutex<Option<mpsc::UnboundedSender<FirstUse>>>,
}

/// A refresh token was used for the first time: whose, and the how manieth.
pub(super) type FirstUse = (String, usize);

impl Provider {
    pub(super) fn new(manners: Manners, clock: VirtualClock, seed: u64) -> Arc<Self> {
        Arc::new(Self {
            manners,
            clock,
            dice: Dice::new(seed),
            fault: Mutex::default(),
            slowness: Mutex::default(),
            families: Mutex::default(),
            first_uses: Mutex::default(),
        })
    }

    /// The person `usr_{number}`, who has signed in.
    pub(super) fn sign_in(&self, number: usize) -> SignedIn {
        let mut signed_in = somebody(self.clock.now());
        signed_in.origin.ends_at = signed_in.origin.signed_in_at + SESSION_LIFE;
        let sub = format!("usr_{number}");
        let mut family = Family::default();
        let serial = family.issue(self.clock.now() + self.manners.token_life);
        let renewal = renewal(&sub, &family, serial);
        self.families().insert(sub.clone(), family);
        signed_in.user.claims.insert("sub".to_owned(), json!(sub));
        signed_in.user.sub = sub;
        let renewed = signed_in.renewed(renewal, self.clock.now());
        SignedIn {
            tokens: crate::session::Tokens {
                renewals: 0,
                id_token_renewal: 0,
                last_renewal: None,
                ..renewed.tokens
            },
            ..renewed
        }
    }

    /// From now on every exchange meets `fault`.
    pub(super) fn fails(&self, fault: Fault) {
        self.fails_for(fault, Duration::from_hours(1000));
    }

    pub(super) fn fails_for(&self, fault: Fault, time: Duration) {
        *self.fault.lock().unwrap() = Some((fault, Instant::now() + time));
    }

    /// From now on each way takes this much longer.
    pub(super) fn slows_down(&self, slowness: Duration) {
        *self.slowness.lock().unwrap() = slowness;
    }

    pub(super) fn recovers(&self) {
        *self.fault.lock().unwrap() = None;
    }

    fn fault(&self) -> Option<Fault> {
        let fault = *self.fault.lock().unwrap();
        fault
            .filter(|(_, end)| Instant::now() < *end)
            .map(|(fault, _)| fault)
    }

    fn families(&self) -> MutexGuard<'_, BTreeMap<String, Family>> {
        self.families.lock().unwrap()
    }

    /// What it knows of somebody's session.
    pub(super) fn of<T>(&self, sub: &str, ask: impl FnOnce(&mut Family) -> T) -> T {
        ask(self.families().get_mut(sub).unwrap())
    }

    /// Tells of every refresh token that is used for the first time.
    pub(super) fn first_uses(&self) -> mpsc::UnboundedReceiver<FirstUse> {
        let (sender, receiver) = mpsc::unbounded_channel();
        *self.first_uses.lock().unwrap() = Some(sender);
        receiver
    }

    async fn travel(&self) {
        let slowness = *self.slowness.lock().unwrap();
        sleep(slowness + self.dice.span(self.manners.pace)).await;
    }

    /// The answer to `token`, and the serial number of what it brings.
    fn trade(&self, sub: &str, token: &RefreshToken) -> Result<(usize, Renewal), RefreshFailure> {
        let used = serial_in(token, sub);
        if let Some(listener) = &*self.first_uses.lock().unwrap() {
            let is_first = self.of(sub, |family| family.issued(used).first_used.is_none());
            let _ = is_first.then(|| listener.send((sub.to_owned(), used)));
        }
        self.of(sub, |family| {
            let expires_at = self.clock.now() + self.manners.token_life;
            let serial = family.trade(used, Instant::now(), self.manners.grace, expires_at);
            let serial = serial.ok_or(RefreshError::Revoked)?;
            Ok((serial, renewal(sub, family, serial)))
        })
    }
}

/// The provider, as one process calls it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) provider: Arc<Provider>,
    pub(super) process: Arc<Process>,
}

#[async_trait]
impl Exchange for Line {
    async fn refresh(
        &self,
        session: &SignedIn,
        refresh_token: &RefreshToken,
    ) -> Result<Renewal, RefreshFailure> {
        let (provider, sub) = (&self.provider, session.user.sub.as_str());
        self.process.lives_on().await;
        let given_up_at = Instant::now() + TIME_OUT;
        let _flight = Flight::take_off(self, sub);
        provider.travel().await;
        // What was sent before a crash arrives after it.
        let fault = provider.fault();
        let answer = match fault {
            Some(fault) if !fault.uses_the_token() => Err(fault.error().into()),
            _ => provider.trade(sub, refresh_token),
        };
        if matches!(fault, Some(Fault::Unreachable | Fault::AnswerLost)) {
            sleep_until(given_up_at).await;
        } else {
            provider.travel().await;
        }
        self.process.lives_on().await;
        let (serial, renewal) = answer?;
        if let Some(fault @ (Fault::AnswerLost | Fault::Garbage)) = fault {
            return Err(fault.error().into());
        }
        provider.of(sub, |family| family.is_delivered(serial, &self.process));
        match fault {
            Some(fault) => Err(RefreshFailure {
                error: fault.error(),
                rotated: renewal.refresh_token,
            }),
            None if provider.manners.rotates => Ok(renewal),
            None => Ok(Renewal {
                refresh_token: None,
                ..renewal
            }),
        }
    }

    async fn revoke(&self, refresh_token: &RefreshToken) {
        self.process.lives_on().await;
        let sub = refresh_token.expose().split('/').next().unwrap();
        self.provider.of(sub, |family| {
            family.given_back.push(serial_in(refresh_token, sub));
        });
    }
}

/// An exchange under way.
struct Flight<'l>(&'l Line, String);

impl<'l> Flight<'l> {
    fn take_off(line: &'l Line, sub: &str) -> Self {
        line.provider.of(sub, |family| family.takes_off(&line.process));
        Self(line, sub.to_owned())
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let Self(line, sub) = self;
        line.provider.of(sub, |family| family.lands(&line.process));
    }
}

/// Tokens that say whose they are, and the how manieth.
fn renewal(sub: &str, family: &Family, serial: usize) -> Renewal {
    let issued = family.issued(serial);
    Renewal {
        access_token: AccessToken::new(format!("{sub}/access/{serial}")),
        refresh_token: Some(RefreshToken::new(format!("{sub}/refresh/{serial}"))),
        id_token: Some(IdToken::new(format!("{sub}/id/{serial}"))),
        claims: json!({ "iss": ISSUER, "sub": sub }).as_object().cloned(),
        access_claims: Claims::new(),
        roles: Some(vec![issued.role.clone()]),
        permissions: Some(Vec::new()),
        expires_at: issued.expires_at,
    }
}

/// The number of `token`, which must be one of `sub`.
pub(super) fn serial_in(token: &RefreshToken, sub: &str) -> usize {
    let of_sub = token.expose().strip_prefix(sub);
    let serial = of_sub.and_then(|rest| rest.strip_prefix("/refresh/"));
    serial.expect("a session presents its own token").parse().unwrap()
}
