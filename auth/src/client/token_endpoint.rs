//! Calls to the token endpoint, forgiving where a wrong answer does no harm.

use std::pin::Pin;

use openidconnect::AsyncHttpClient;
use serde_json::Value;

use crate::{
    claims::Claims,
    http::{HttpClient, HttpError},
};

/// The HTTP client as openidconnect uses it at the token endpoint.
pub(super) struct TokenEndpoint<'a>(pub(super) &'a HttpClient);

impl<'c> AsyncHttpClient<'c> for TokenEndpoint<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Vec<u8>>, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: http::Request<Vec<u8>>) -> Self::Future {
        Box::pin(async move { Ok(self.0.send(request).await?.map(without_wrong_expires_in)) })
    }
}

/// The token's own `exp` decides when it ends (promise 15), so an `expires_in` that is no whole number of seconds is
/// dropped rather than let it spoil the sign-in.
fn without_wrong_expires_in(body: Vec<u8>) -> Vec<u8> {
    let Ok(mut answer) = serde_json::from_slice::<Claims>(&body) else {
        return body;
    };
    if answer.get("expires_in").is_none_or(Value::is_u64) {
        return body;
    }
    answer.remove("expires_in");
    serde_json::to_vec(&answer).unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wrong_expires_in_is_dropped_and_everything_else_kept() {
        for wrong in [
            json!(-1),
            json!("3600"),
            json!(3600.5),
            json!(1e30),
            json!({}),
            json!(null),
        ] {
            let body = json!({ "access_token": "a", "expires_in": wrong }).to_string();
            assert_eq!(
                without_wrong_expires_in(body.into_bytes()),
                br#"{"access_token":"a"}"#
            );
        }
        for right in [r#"{"expires_in":299}"#, r#"{"access_token":"a"}"#, "not json"] {
            assert_eq!(without_wrong_expires_in(right.into()), right.as_bytes());
        }
    }
}
