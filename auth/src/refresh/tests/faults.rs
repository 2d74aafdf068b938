//! Whatever else goes wrong passes: a page works while the access token lives, then it says that it will work again, and
//! it does (promise 14, W7).

use std::time::Duration;

use tokio::time::sleep;

use super::{
    bench::{Bench, SCALEKIT, STRICT},
    provider::Fault,
    world::Replica,
};

/// Those that leave the refresh token unused, or bring the next one.
const HARMLESS: [Fault; 5] = [
    Fault::Unreachable,
    Fault::TooManyRequests(1),
    Fault::ServerError,
    Fault::ClientRefused,
    Fault::NotVerified,
];
/// After which it must be used again within the grace.
const LOSSES: [Fault; 2] = [Fault::AnswerLost, Fault::Garbage];

/// Asks once a second for `seconds`, and says after how many an exchange took place.
async fn exchanges_within(seconds: usize, bench: &Bench, replica: &Replica) -> Vec<usize> {
    let (mut at, mut before) = (Vec::new(), bench.exchanges());
    for second in 0..seconds {
        replica.request(bench.id).await;
        sleep(Duration::from_secs(1)).await;
        if bench.exchanges() > before {
            at.push(second);
        }
        before = bench.exchanges();
    }
    at
}

/// Rules: w7
#[tokio::test(start_paused = true)]
async fn a_page_works_while_the_access_token_lives_whatever_the_provider_does() {
    for fault in HARMLESS.into_iter().chain(LOSSES) {
        let bench = Bench::at(SCALEKIT).await;
        let replica = bench.replica();
        bench.until_due().await;
        bench.provider().fails(fault);
        let session = replica.request(bench.id).await.open();
        assert_eq!(
            session.signed_in.tokens.access_token.expose(),
            "usr_1/access/0",
            "{fault:?}"
        );
        replica.request(bench.id).await.open();
        assert_eq!(bench.exchanges(), 1, "{fault:?}: not by every request");
    }
}

/// Rules: w7
#[tokio::test(start_paused = true)]
async fn after_its_access_token_a_session_is_stuck_and_goes_on_when_the_provider_does() {
    for fault in HARMLESS.into_iter().chain(LOSSES) {
        let bench = Bench::at(SCALEKIT).await;
        let replica = bench.replica();
        bench.until_over().await;
        bench.provider().fails(fault);
        replica.request(bench.id).await.fault();
        replica.request(bench.id).await.fault();
        assert!(bench.stored().await.is_some(), "{fault:?}");
        assert_eq!(bench.exchanges(), 1, "{fault:?}: not by every request");

        bench.provider().recovers();
        sleep(Duration::from_secs(3)).await;
        let session = replica.request(bench.id).await.open();
        assert!(bench.serial(&session) > 0, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_hours_of_an_outage_sessions_go_on() {
    for fault in HARMLESS {
        let bench = Bench::at(STRICT).await;
        let replica = bench.replica();
        bench.provider().fails(fault);
        // So that it is not idle.
        for _ in 0..10 {
            bench.until_due().await;
            replica.request(bench.id).await;
            sleep(Duration::from_mins(10)).await;
        }
        bench.provider().recovers();
        sleep(Duration::from_mins(1)).await;
        replica.request(bench.id).await.open();
        assert_eq!(bench.family(|family| family.reuses.len()), 0, "{fault:?}");
    }
}

/// Rules: w6, w7, rfc6749-6-new-refresh-token
#[tokio::test(start_paused = true)]
async fn the_next_refresh_token_is_kept_even_if_nothing_else_of_an_answer_can_be_used() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_due().await;
    bench.fail_once(&replica, Fault::NotVerified).await;
    let kept = bench.stored().await.unwrap();
    assert_eq!(bench.serial(&kept), 1);
    assert_eq!(kept.signed_in.tokens.access_token.expose(), "usr_1/access/0");
    assert_eq!(kept.signed_in.tokens.renewals, 0);

    sleep(Duration::from_secs(3)).await;
    assert_eq!(bench.serial(&replica.request(bench.id).await.open()), 2);
    assert_eq!(bench.family(|family| family.reuses.len()), 0);
}

/// The person reads on for minutes, and the provider forgives for half a minute only.
///
/// Rules: w7
#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_is_asked_for_again_although_nobody_comes() {
    for fault in LOSSES {
        let bench = Bench::at(SCALEKIT).await;
        let replica = bench.replica();
        bench.until_due().await;
        bench.fail_once(&replica, fault).await;
        sleep(Duration::from_secs(30)).await;
        bench.until_over().await;
        replica.request(bench.id).await.open();
        assert!(bench.family(|family| family.end().is_none()), "{fault:?}");
    }
}

/// The provider's grace is as good as over by then, and whoever goes on asking is taken for a thief.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_every_time_is_asked_for_again_three_times() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_due().await;
    bench.provider().fails(Fault::Garbage);
    replica.request(bench.id).await.open();
    sleep(Duration::from_mins(1)).await;
    assert_eq!(bench.exchanges(), 1 + 3);
    assert!(bench.stored().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_is_not_asked_for_again_once_another_process_has_renewed() {
    let bench = Bench::at(SCALEKIT).await;
    let (first, second) = (bench.replica(), bench.replica());
    bench.until_due().await;
    bench.fail_once(&first, Fault::Garbage).await;
    assert_eq!(bench.serial(&second.request(bench.id).await.open()), 2);
    sleep(SCALEKIT.grace).await;
    assert_eq!(bench.exchanges(), 2);
}

/// Nobody would be left to hear the answer.
#[tokio::test(start_paused = true)]
async fn a_process_that_stops_does_not_ask_again_by_itself() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_due().await;
    bench.fail_once(&replica, Fault::Garbage).await;
    replica.sessions.settled().await;
    sleep(SCALEKIT.grace).await;
    assert_eq!(bench.exchanges(), 1);
}

/// An outage often ends with answers that come too late.
///
/// Rules: w7
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_after_a_long_outage_is_asked_for_again_within_the_grace() {
    let bench = Bench::at(SCALEKIT).await;
    let replica = bench.replica();
    bench.until_over().await;
    bench.provider().fails(Fault::ServerError);
    exchanges_within(120, &bench, &replica).await;
    bench.provider().fails(Fault::AnswerLost);
    while bench.family(|family| family.issued(0).first_used.is_none()) {
        replica.request(bench.id).await;
        sleep(Duration::from_secs(1)).await;
    }
    bench.provider().recovers();
    exchanges_within(60, &bench, &replica).await;
    replica.request(bench.id).await.open();
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_and_stay_short_enough() {
    for fault in [Fault::ServerError, Fault::ClientRefused, Fault::NotVerified] {
        let bench = Bench::at(STRICT).await;
        let replica = bench.replica();
        bench.until_over().await;
        bench.provider().fails(fault);
        let at = exchanges_within(300, &bench, &replica).await;
        let pauses: Vec<_> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let [first, second, .., last] = *pauses else {
            panic!("{fault:?}: {at:?}")
        };
        assert!((2..=3).contains(&first), "{fault:?}: {pauses:?}");
        assert!((4..=6).contains(&second), "{fault:?}: {pauses:?}");
        assert!((8..=39).contains(&last), "{fault:?}: {pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_are_as_long_as_the_provider_asks_within_reason() {
    for (asked_for, pause) in [(60, 60..=62), (86_400, 300..=302), (0, 2..=4)] {
        let bench = Bench::at(STRICT).await;
        let replica = bench.replica();
        bench.until_over().await;
        bench.provider().fails(Fault::TooManyRequests(asked_for));
        let fault = replica.request(bench.id).await.fault();
        assert_eq!(fault.retry_after(), Some(asked_for));
        let at = exchanges_within(400, &bench, &replica).await;
        assert!(pause.contains(&at[0]), "{asked_for}: {at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_tokens_end_while_an_exchange_fails_respects_the_pause() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_it_lives_for(time::Duration::SECOND).await;
    bench.provider().slows_down(Duration::from_secs(1));
    bench.provider().fails(Fault::ServerError);
    replica.request(bench.id).await.fault();
    assert_eq!(bench.exchanges(), 1);
}

#[tokio::test(start_paused = true)]
async fn pauses_are_forgotten_when_tokens_were_renewed() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.until_over().await;
    bench.provider().fails(Fault::ServerError);
    exchanges_within(60, &bench, &replica).await;
    bench.provider().recovers();
    sleep(Duration::from_mins(1)).await;
    replica.request(bench.id).await.open();

    bench.until_over().await;
    bench.fail_once(&replica, Fault::ServerError).await;
    sleep(Duration::from_secs(3)).await;
    replica.request(bench.id).await.open();
}

/// The button asks the provider even while requests do not.
#[tokio::test(start_paused = true)]
async fn who_asks_for_new_tokens_by_hand_is_told_what_is_wrong_and_need_not_wait() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.provider().fails(Fault::ServerError);
    replica.sessions.renew_now(bench.id).await.unwrap().fault();
    bench.provider().recovers();
    let session = replica.sessions.renew_now(bench.id).await.unwrap().open();
    assert_eq!(bench.serial(&session), 1);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_new_tokens_by_hand_waits_for_as_long_as_the_provider_wishes() {
    let bench = Bench::at(STRICT).await;
    let replica = bench.replica();
    bench.provider().fails(Fault::TooManyRequests(60));
    replica.sessions.renew_now(bench.id).await.unwrap().fault();
    bench.provider().recovers();
    let fault = replica.sessions.renew_now(bench.id).await.unwrap().fault();
    assert_eq!(fault.retry_after(), Some(60));
    assert_eq!(bench.exchanges(), 1);

    sleep(Duration::from_secs(61)).await;
    let session = replica.sessions.renew_now(bench.id).await.unwrap().open();
    assert_eq!(bench.serial(&session), 1);
}
