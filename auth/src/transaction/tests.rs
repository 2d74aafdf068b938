//! What the cookie of a sign-in keeps, hides and forgets.

use super::*;
use crate::clock::{MovableClock, SystemEntropy};

/// One browser of an application with a clock of its own.
struct Browser {
    cookies: Cookies,
    secrets: Secrets,
    surroundings: Surroundings,
    clock: MovableClock,
}

impl Browser {
    fn new() -> Self {
        let clock = MovableClock::default();
        let surroundings = Surroundings::new(clock.clone(), SystemEntropy);
        Self {
            cookies: Cookies::default(),
            secrets: Secrets::parse(&Secrets::generate(&surroundings)).unwrap(),
            surroundings,
            clock,
        }
    }

    fn transactions(&self, https: bool) -> Transactions<'_> {
        Transactions {
            cookies: &self.cookies,
            secrets: &self.secrets,
            surroundings: &self.surroundings,
            https,
        }
    }

    fn begin(&self) -> Transaction {
        let mut transaction = Transaction::new(LocalPath::dashboard(), &self.surroundings);
        // As precise as the cookie.
        let millisecond = transaction.started_at.millisecond();
        transaction.started_at = transaction.started_at.replace_millisecond(millisecond).unwrap();
        self.transactions(true).begin(&transaction);
        transaction
    }

    fn take(&self, state: &str) -> Result<Transaction, TransactionError> {
        self.transactions(true).take(state)
    }

    /// The only cookie.
    fn cookie(&self) -> Cookie<'static> {
        let [cookie] = &*self.cookies.list() else {
            panic!("one cookie: {:?}", self.cookies)
        };
        cookie.clone().into_owned()
    }

    /// Plants `sealed` as the cookie of `state`.
    fn plant(&self, state: &str, sealed: &[u8]) {
        let name = self.transactions(true).cookie_name(state);
        self.cookies
            .add(Cookie::new(name, URL_SAFE_NO_PAD.encode(sealed)));
    }
}

/// Rules: transaction-success-removes, rfc6749-10.12-state-used
#[test]
fn what_was_begun_is_taken_once() {
    let browser = Browser::new();
    let (first, second) = (browser.begin(), browser.begin());
    assert_eq!(browser.take(&first.state), Ok(first.clone()));
    assert_eq!(browser.take(&first.state), Err(TransactionError::Unknown));
    assert_eq!(browser.take(&second.state), Ok(second));
    assert_eq!(browser.cookies.list().len(), 0);
}

/// Rules: transaction-unique, rfc7636-4.1
#[test]
fn state_nonce_and_verifier_are_new_and_have_256_bits_each() {
    let browser = Browser::new();
    let (first, second) = (browser.begin(), browser.begin());
    let mut values = Vec::new();
    for transaction in [&first, &second] {
        values.extend([&transaction.state, &transaction.nonce, &transaction.code_verifier]);
    }
    assert!(values.iter().all(|value| value.len() == 43), "{values:?}");
    values.sort_unstable();
    values.dedup();
    assert_eq!(values.len(), 6);
}

/// Rules: transaction-cookie
#[test]
fn the_cookie_is_bound_to_host_path_and_server() {
    for (https, name) in [(true, "__Host-scalekit_signin_"), (false, "scalekit_signin_")] {
        let browser = Browser::new();
        let transaction = Transaction::new(LocalPath::dashboard(), &browser.surroundings);
        browser.transactions(https).begin(&transaction);
        let cookie = browser.cookie();
        assert!(cookie.name().starts_with(name), "{cookie}");
        assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
        assert_eq!((cookie.http_only(), cookie.secure()), (Some(true), Some(https)));
        assert_eq!(cookie.same_site(), Some(SameSite::Lax));
        assert_eq!(cookie.max_age(), Some(CookieDuration::minutes(10)));
    }
}

/// Rules: transaction-sealed
#[test]
fn the_cookie_reveals_nothing() {
    let browser = Browser::new();
    let transaction = browser.begin();
    let cookie = browser.cookie();
    let sealed = URL_SAFE_NO_PAD.decode(cookie.value()).unwrap();
    let Transaction {
        state,
        nonce,
        code_verifier,
        next,
        ..
    } = &transaction;
    for secret in [state, nonce, code_verifier, next.as_str()] {
        assert!(!cookie.to_string().contains(secret), "{secret}");
        let is_plain = sealed.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!is_plain, "{secret}");
    }
}

/// Rules: transaction-sealed
#[test]
fn a_cookie_does_not_open_when_a_byte_is_changed() {
    let browser = Browser::new();
    let transaction = browser.begin();
    let sealed = URL_SAFE_NO_PAD.decode(browser.cookie().value()).unwrap();
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        browser.plant(&transaction.state, &changed);
        let taken = browser.take(&transaction.state);
        assert_eq!(taken, Err(TransactionError::Unknown), "byte {position}");
        assert_eq!(browser.cookies.list().len(), 0, "it is cleared away");
    }
    browser.plant(&transaction.state, &sealed);
    assert_eq!(browser.take(&transaction.state), Ok(transaction));
}

/// Rules: transaction-sealed
#[test]
fn a_cookie_does_not_open_under_another_name_or_when_it_was_sealed_for_something_else() {
    let browser = Browser::new();
    let (first, second) = (browser.begin(), browser.begin());
    let name = browser.transactions(true).cookie_name(&second.state);
    let sealed = URL_SAFE_NO_PAD.decode(browser.cookies.get(&name).unwrap().value());
    browser.plant(&first.state, &sealed.unwrap());
    assert_eq!(browser.take(&first.state), Err(TransactionError::Unknown));

    for (purpose, expected) in [
        (Purpose::Transaction, Ok(second.clone())),
        (Purpose::Session, Err(TransactionError::Unknown)),
        (Purpose::SessionSummary, Err(TransactionError::Unknown)),
    ] {
        let plaintext = serde_json::to_vec(&second).unwrap();
        let context = name.as_bytes();
        let sealed = browser
            .secrets
            .seal(purpose, &[], context, &plaintext, &browser.surroundings);
        browser.plant(&second.state, &sealed);
        assert_eq!(browser.take(&second.state), expected, "{purpose:?}");
    }
}

/// Rules: w19
#[test]
fn w19_a_cookie_under_the_right_name_that_holds_another_state_is_not_accepted() {
    let browser = Browser::new();
    let transaction = browser.begin();
    let mut other = transaction.clone();
    let last = if other.state.pop() == Some('A') { 'B' } else { 'A' };
    other.state.push(last);
    // As if two states had the same name: the hash in it is short.
    let name = browser.transactions(true).cookie_name(&transaction.state);
    let plaintext = serde_json::to_vec(&other).unwrap();
    let sealed = browser.secrets.seal(
        Purpose::Transaction,
        &[],
        name.as_bytes(),
        &plaintext,
        &browser.surroundings,
    );
    browser.plant(&transaction.state, &sealed);
    assert_eq!(browser.take(&transaction.state), Err(TransactionError::Unknown));
}

/// Rules: transaction-expiry, rfc6749-10.12-state-expired
#[test]
fn a_sign_in_is_over_after_ten_minutes_and_none_comes_from_the_future() {
    for (seconds, is_over) in [(590, false), (600, true), (-20, false), (-40, true)] {
        let browser = Browser::new();
        let transaction = browser.begin();
        browser.clock.advance(Duration::seconds(seconds));
        let taken = browser.take(&transaction.state);
        assert_eq!(
            taken == Err(TransactionError::Expired),
            is_over,
            "{seconds}: {taken:?}"
        );
        assert_eq!(taken.is_ok(), !is_over, "{seconds}");
    }
}

/// Rules: transaction-eviction, transaction-ten-tabs
#[test]
fn at_most_five_are_kept_and_the_oldest_goes_first() {
    let browser = Browser::new();
    let mut begun = Vec::new();
    for _ in 0..10 {
        begun.push(browser.begin());
        browser.clock.advance(Duration::seconds(1));
    }
    assert_eq!(browser.cookies.list().len(), 5);
    let (gone, kept) = begun.split_at(5);
    assert!(gone.iter().all(|old| browser.take(&old.state).is_err()));
    assert!(kept.iter().all(|new| browser.take(&new.state).is_ok()));
}

/// Rules: transaction-eviction, transaction-garbage
#[test]
fn what_is_expired_or_does_not_open_goes_before_what_can_still_be_finished() {
    let browser = Browser::new();
    let expired = browser.begin();
    browser.clock.advance(Duration::minutes(10));
    let open: Vec<_> = (0..4).map(|_| browser.begin()).collect();
    assert_eq!(
        browser.take(&expired.state),
        Err(TransactionError::Unknown),
        "it is gone, and not merely over, although there was room for five"
    );
    browser.plant("garbage", b"garbage");
    browser
        .cookies
        .add(Cookie::new("__Host-scalekit_signin_x", "no base64"));
    browser
        .cookies
        .add(Cookie::new("scalekit_session", "somebody else's"));
    let last = browser.begin();
    assert_eq!(
        browser.cookies.list().len(),
        6,
        "five sign-ins and what is not ours"
    );
    for transaction in open.into_iter().chain([last]) {
        assert_eq!(browser.take(&transaction.state), Ok(transaction));
    }
    assert_eq!(browser.cookies.list().len(), 1, "what is not ours");
}

/// The clock was wrong when it began, so it looks younger than all that can still be finished.
///
/// Rules: transaction-eviction
#[test]
fn what_comes_from_the_future_goes_before_what_can_still_be_finished() {
    let browser = Browser::new();
    browser.clock.advance(Duration::minutes(5));
    let of_the_future = browser.begin();
    browser.clock.advance(Duration::minutes(-5));
    let open: Vec<_> = (0..5).map(|_| browser.begin()).collect();
    assert_eq!(
        browser.take(&of_the_future.state),
        Err(TransactionError::Unknown),
        "it is gone, and not merely refused"
    );
    for transaction in open {
        assert_eq!(browser.take(&transaction.state), Ok(transaction));
    }
}

/// Rules: transaction-garbage
#[test]
fn garbage_is_cleared_away_a_bounded_number_at_a_time() {
    let browser = Browser::new();
    for number in 0..50 {
        browser.plant(&number.to_string(), b"garbage");
    }
    browser.begin();
    assert_eq!(browser.cookies.list().len(), 50 - 20 + 1);
    browser.begin();
    browser.begin();
    assert_eq!(browser.cookies.list().len(), 3);
}
