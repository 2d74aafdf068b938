//! What a renewal leaves in the session: an access token that can be used, and of all refresh tokens the newest alone
//! (RFC 9700 §4.14).

use std::time::Duration;

use misbehaving_provider::Endpoint;

use crate::test_world::{NEARLY_OVER, PAUSE, World};

/// Rules: rfc9700-4.14-newest-only, rfc6749-6-new-refresh-token
#[tokio::test]
async fn only_the_newest_refresh_token_is_kept_and_sent() {
    let mut world = World::start().await;
    for renewals in 1..=3 {
        let newest_before = world.refresh_tokens().pop().unwrap();
        assert!(world.record().await.contains(&newest_before));

        world.pass(NEARLY_OVER);
        assert_eq!(world.dashboard().await, 200);

        let request = world.provider.last_request(Endpoint::Token);
        assert_eq!(request.form.get("refresh_token"), Some(newest_before.as_str()));
        let given = world.refresh_tokens();
        let (newest, older) = given.split_last().unwrap();
        assert_eq!(older.len(), renewals);
        let record = world.record().await;
        assert!(record.contains(newest));
        assert!(!older.iter().any(|old| record.contains(old)), "{renewals}");
    }
}

/// RFC 6749 §A.12: a token has printable characters alone. Others would not even fit into the header that it goes in.
///
/// Rules: refresh-fault-token
#[tokio::test]
async fn an_access_token_that_cannot_be_printed_is_not_used_and_signs_nobody_out() {
    for odd in ["", "line\nbreak", "t\u{f6}ken", "\u{7f}"] {
        let mut world = World::start().await;
        // Without an ID token beside it no hash tells that it is not the provider's own.
        world
            .provider
            .token_response(move |response| response.set("access_token", odd).remove("id_token"));
        world.pass(NEARLY_OVER);
        assert_eq!(world.dashboard().await, 200, "{odd:?}, while the old one lives");
        assert_eq!(world.provider.requests(Endpoint::Token).len(), 2, "{odd:?}");
        world.pass(Duration::from_mins(1));
        assert_eq!(world.dashboard().await, 503, "{odd:?}, after it");

        world.provider.honest();
        world.pass(PAUSE);
        assert_eq!(world.dashboard().await, 200, "{odd:?} is over");
    }
}
