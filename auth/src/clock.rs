//! The clock and the source of randomness, injected everywhere so that tests move time instead of waiting for it.
//!
//! Clippy forbids the direct calls (`clippy.toml`); the two `#[expect]`s in this file are the only exceptions.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use time::OffsetDateTime;

/// How far the provider's clock may differ from ours before a token is refused.
pub const CLOCK_SKEW: time::Duration = time::Duration::seconds(30);

/// Tells the time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// Draws unpredictable bytes, fit for keys, nonces and identifiers.
pub trait Entropy: Debug + Send + Sync + 'static {
    /// Fills `bytes`.
    ///
    /// # Panics
    ///
    /// When the operating system cannot provide randomness: nothing secure can be done without it.
    fn fill(&self, bytes: &mut [u8]);
}

/// The clock and the randomness that a part of the server works with.
#[derive(Debug, Clone)]
pub struct Surroundings {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Surroundings {
    /// The machine's own clock and randomness.
    pub fn system() -> Self {
        Self::new(SystemClock, SystemEntropy)
    }

    /// A clock and a source of randomness of your choice.
    pub fn new(clock: impl Clock, entropy: impl Entropy) -> Self {
        Self {
            clock: Arc::new(clock),
            entropy: Arc::new(entropy),
        }
    }

    /// The present moment, in UTC.
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// 256 random bits as 43 URL-safe characters: for `state`, `nonce` and the PKCE verifier, whose
    /// alphabet and length (43 to 128, RFC 7636 §4.1) it fits.
    pub fn random_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.random::<32>())
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for the time"
    )]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws random bytes")]
    #[expect(
        clippy::expect_used,
        reason = "without randomness no key, nonce or session id is safe; stop"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system provides randomness");
    }
}

/// Lets something happen at most once a second: log lines that strangers can provoke.
#[derive(Debug, Default)]
pub struct Throttle(AtomicI64);

impl Throttle {
    /// Whether this is the first time within its second.
    pub fn lets_pass(&self, now: OffsetDateTime) -> bool {
        self.0.swap(now.unix_timestamp(), Ordering::Relaxed) != now.unix_timestamp()
    }
}

/// A clock that runs with the machine's, ahead by as much as a test has moved it. Clones move together.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Clone, Default)]
pub struct MovableClock(Arc<AtomicI64>);

#[cfg(any(test, feature = "testing"))]
impl MovableClock {
    /// Moves the clock: forwards, or backwards when `by` is negative.
    pub fn advance(&self, by: time::Duration) {
        self.0.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }
}

#[cfg(any(test, feature = "testing"))]
impl Clock for MovableClock {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now() + time::Duration::seconds(self.0.load(Ordering::SeqCst))
    }
}
