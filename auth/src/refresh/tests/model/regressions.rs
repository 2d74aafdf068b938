//! Schedules that failed once, and why.

use super::schedule::{Action, Schedule, Season, Step};

fn assert_well(season: Season, seed: u64, token_seconds: i64, steps: &[(u64, Action)]) {
    let step = |(after_ms, action): &(u64, Action)| Step {
        after_ms: *after_ms,
        action: *action,
    };
    let schedule = Schedule {
        season,
        seed,
        token_seconds,
        skew_seconds: [0; 3],
        steps: steps.iter().map(step).collect(),
    };
    assert_eq!(schedule.play(), Vec::<String>::new());
}

const fn request(replica: usize, session: usize) -> Action {
    Action::Request {
        replica,
        session,
        leaves_after_ms: None,
    }
}

const fn renew(replica: usize, session: usize) -> Action {
    Action::Renew { replica, session }
}

/// The store was away for longer than the lease. When it came back, another process took the lease over before the one
/// with the new tokens tried again.
///
/// Rules: w6
#[test]
fn new_tokens_wait_for_the_store_and_nobody_asks_for_them_again() {
    let steps = [
        (239_992, request(1, 1)),
        (40, Action::StoreIsDown { ms: 17_547 }),
        (13_525, request(0, 1)),
    ];
    assert_well(Season::Calm, 667_758_796_672_498_181, 300, &steps);
    let steps = [
        (44_955, request(0, 1)),
        (147, Action::StoreIsDown { ms: 26_198 }),
        (14_143, request(1, 1)),
        (12_100, request(1, 1)),
    ];
    assert_well(Season::Calm, 3, 60, &steps);
}

/// They were handed out all the same.
#[test]
fn tokens_end_while_they_wait_for_the_store() {
    let steps = [
        (0, renew(0, 0)),
        (62, Action::StoreIsDown { ms: 23_678 }),
        (19_774, request(0, 0)),
        (229, request(1, 0)),
    ];
    assert_well(Season::Calm, 39_446_013_104_082_161, 20, &steps);
    let steps = [
        (0, renew(2, 0)),
        (44, Action::StoreIsDown { ms: 17_208 }),
        (17_208, request(0, 0)),
    ];
    assert_well(Season::Stormy, 1_143_835_381_973_063_473, 20, &steps);
}

/// The page was shown with tokens that had ended meanwhile.
#[test]
fn tokens_end_while_a_page_waits_for_others() {
    let steps = [
        (181, request(0, 0)),
        (14_486, request(0, 0)),
        (296, request(1, 0)),
    ];
    assert_well(Season::Stormy, 17_001_800_876_378_441_993, 20, &steps);
}
