//! The one HTTP client for calls to the provider: time budgets, a body limit, and no redirects, so that a provider (or
//! whoever poses as one) can neither hang a request, fill the memory, nor send us elsewhere (ASVS 15.3.2).

use std::{pin::Pin, time::Duration};

use http::{Method, StatusCode, header::RETRY_AFTER};
use openidconnect::AsyncHttpClient;
use reqwest::redirect;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A discovery document or a key set is a few kilobytes, a token response with three tokens rarely ten.
const BODY_LIMIT: usize = 512 * 1024;

/// How long one call may take, body, retry and all. The calls that a sign-in waits for add up to less than the time a
/// request may take (`server`'s router), so that their failure is told as what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// The discovery document and the first key set. Nobody waits for them.
    Discovery,
    /// The key set again, because a token names a key that we do not know.
    Keys,
    /// The pushed authorization request.
    PushedAuthorization,
    /// The code exchange.
    Token,
    /// The refresh of a session's tokens: shorter, because requests of the session wait for it, and so does the lease
    /// that it runs under.
    Refresh,
    /// Telling the provider that tokens are no longer needed.
    Revocation,
    /// UserInfo: what it brings is welcome, not needed.
    UserInfo,
    /// One operation of the management API, with the token it needs and all its tries.
    Management,
}

impl Budget {
    pub(crate) const fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::Discovery | Self::Token => 10,
            Self::Refresh => 7,
            Self::Keys | Self::PushedAuthorization | Self::Management => 5,
            Self::UserInfo | Self::Revocation => 3,
        })
    }
}

/// Why a call to the provider gave no answer that can be read.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The provider cannot be reached or broke off.
    #[error("the provider cannot be reached, or broke off")]
    Transport(#[from] reqwest::Error),
    /// The provider took longer than the call's budget.
    #[error("the provider did not answer in time")]
    Timeout,
    /// The provider answers, but cannot do its work now: 429 or 5xx.
    #[error("the provider answered with status {status}")]
    Unavailable {
        /// The status.
        status: StatusCode,
        /// `Retry-After`, where it was given in seconds (RFC 9110 §10.2.3).
        retry_after: Option<u32>,
    },
    /// The answer is longer than any honest one.
    #[error("the provider's answer is longer than {BODY_LIMIT} bytes")]
    TooLong,
    /// The answer cannot be represented.
    #[error("the provider's answer is malformed")]
    Malformed(#[from] http::Error),
}

impl HttpError {
    /// After how many seconds the provider asks to be tried again.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether asking again could help and can do no harm.
    fn is_worth_another_try(&self, method: &Method) -> bool {
        match self {
            // No connection, so nothing was sent.
            Self::Transport(error) if error.is_connect() => true,
            // What is sent by POST may have been acted upon although no answer came: an authorization code would be
            // used up, and presenting it twice revokes what it brought (RFC 6749 §4.1.2).
            Self::Transport(_) => method.is_safe(),
            Self::Unavailable { status, .. } => method.is_safe() && status.is_server_error(),
            Self::Timeout | Self::TooLong | Self::Malformed(_) => false,
        }
    }
}

/// A client that keeps connections to the provider. Cloning shares them.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    longest: Duration,
}

impl HttpClient {
    /// A client with the limits of this module.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that builds the client, with its limits"
    )]
    pub fn new() -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("scalekit-signin-leptos/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            longest: Duration::MAX,
        })
    }

    /// The same client with no budget above `longest`: tests of a provider that hangs need not wait for long.
    #[must_use]
    pub fn impatient(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// The client for one kind of call.
    pub(crate) fn within(&self, budget: Budget) -> Call<'_> {
        Call {
            client: &self.client,
            budget: budget.duration().min(self.longest),
        }
    }
}

/// Calls of one kind, as openidconnect makes them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'c> {
    client: &'c reqwest::Client,
    budget: Duration,
}

impl Call<'_> {
    /// Sends `request`, a second time where that is worth it, and reads the answer up to the limit.
    pub(crate) async fn send(
        self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, HttpError> {
        let both_tries = async {
            match self.send_once(request.clone()).await {
                Err(error) if error.is_worth_another_try(request.method()) => self.send_once(request).await,
                outcome => outcome,
            }
        };
        tokio::time::timeout(self.budget, both_tries)
            .await
            .unwrap_or(Err(HttpError::Timeout))
    }

    /// How long it may take in all.
    pub(crate) fn budget(self) -> Duration {
        self.budget
    }

    /// Sends `request` and reads the answer up to the limit. The budget is the caller's to keep.
    pub(crate) async fn send_once(
        self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, HttpError> {
        let mut response = self.client.execute(request.try_into()?).await?;
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let retry_after = response.headers().get(RETRY_AFTER);
            return Err(HttpError::Unavailable {
                status,
                retry_after: retry_after.and_then(|value| value.to_str().ok()?.parse().ok()),
            });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::builder().status(status);
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Call<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Vec<u8>>, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: http::Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests {
    use misbehaving_provider::{Endpoint, Fault, MisbehavingProvider};

    use super::*;

    /// Rules: fault-token-hang, fault-userinfo-hang, fault-keys-hang
    #[test]
    fn the_calls_that_one_request_waits_for_end_before_the_request_does() {
        // `REQUEST_TIMEOUT` in `server/src/router.rs`, which knows this crate, not the other way round.
        const REQUEST_TIMEOUT: Duration = Duration::from_secs(25);
        let together: [&[Budget]; 3] = [
            &[Budget::Token, Budget::Keys, Budget::UserInfo],
            &[Budget::PushedAuthorization],
            &[Budget::Refresh, Budget::Keys, Budget::UserInfo],
        ];
        for calls in together {
            let in_all: Duration = calls.iter().map(|budget| budget.duration()).sum();
            assert!(in_all < REQUEST_TIMEOUT, "{calls:?} may take {in_all:?}");
        }
    }

    /// What a request meets, and whether it is worth another try by GET and by POST.
    async fn worth_of(provider: &MisbehavingProvider) -> (HttpError, bool, bool) {
        let http = HttpClient::new().unwrap().impatient(Duration::from_millis(100));
        let request = http::Request::get(provider.url(Endpoint::Keys));
        let error = http
            .within(Budget::Keys)
            .send_once(request.body(Vec::new()).unwrap());
        let error = error.await.unwrap_err();
        let [get, post] = [Method::GET, Method::POST].map(|method| error.is_worth_another_try(&method));
        (error, get, post)
    }

    /// Rules: fault-code-once, fault-connect
    #[tokio::test]
    async fn what_may_have_been_acted_upon_is_not_repeated() {
        let provider = MisbehavingProvider::start().await;
        for (fault, may_get) in [
            (Fault::reset(), true),
            (Fault::truncated(), true),
            (Fault::status(500), true),
            (Fault::status(503), true),
            (Fault::status(429), false),
            (Fault::huge(), false),
        ] {
            provider.fault(Endpoint::Keys, fault);
            let (error, get, post) = worth_of(&provider).await;
            assert_eq!((get, post), (may_get, false), "{error:?}");
        }
        let timeout = HttpError::Timeout;
        assert!(!timeout.is_worth_another_try(&Method::GET), "the time is over");
    }

    /// Rules: fault-connect
    #[tokio::test]
    async fn what_was_never_sent_is_sent_again() {
        let provider = MisbehavingProvider::builder().down().start().await;
        let (error, get, post) = worth_of(&provider).await;
        assert!(
            matches!(&error, HttpError::Transport(error) if error.is_connect()),
            "{error:?}"
        );
        assert!(get && post);
    }
}
