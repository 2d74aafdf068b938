//! Random schedules of requests, renewals, sign-outs, crashes and faults over several processes, in virtual time.
//!
//! A schedule that fails shrinks and is kept: its seed in `proptest-regressions`, and once it is understood, itself in
//! [`regressions`].

use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, RngSeed},
};

mod judge;
mod people;
mod regressions;
mod schedule;
mod stage;

use schedule::{Season, schedule};

fn seed() -> RngSeed {
    let chosen = std::env::var("PROPTEST_RNG_SEED").ok();
    RngSeed::Fixed(chosen.and_then(|seed| seed.parse().ok()).unwrap_or(0x7265_6672))
}

fn config() -> ProptestConfig {
    ProptestConfig {
        // In each of the two seasons: two thousand schedules a run.
        cases: 1000,
        max_shrink_iters: 5000,
        // The default takes longer to choose a schedule than some take to be played.
        rng_algorithm: RngAlgorithm::XorShift,
        // The same schedules on every machine; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` play others, and more.
        rng_seed: seed(),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// As long as nothing is lost that the provider gave, no refresh token is used twice: not even a provider that
    /// forgives nothing ends a session.
    ///
    /// Rules: w6, w7
    #[test]
    fn no_refresh_token_is_used_twice(schedule in schedule(Season::Calm)) {
        prop_assert_eq!(schedule.play(), Vec::<String>::new());
    }

    /// Processes crash and answers are lost: within the provider's grace every session is saved.
    ///
    /// Rules: w6, w7
    #[test]
    fn no_session_is_lost(schedule in schedule(Season::Stormy)) {
        prop_assert_eq!(schedule.play(), Vec::<String>::new());
    }
}
