//! One call of the management API: this application's token, the tries, the answer.

use std::time::Duration;

use http::{
    Method, Request, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep, timeout};
use tracing::Instrument as _;
use url::Url;

use super::{Management, ManagementError, Token};
use crate::{
    http::{Budget, HttpError},
    secret::AccessToken,
};

/// A token is asked for anew this long before it ends, or for the last tenth of a short life.
const RENEWED_BEFORE: Duration = Duration::from_mins(1);
/// No token is kept for longer, whatever it says.
const LONGEST_LIFETIME: Duration = Duration::from_hours(24);
const TRIES: u32 = 3;
/// The pause before the second try; twice as long before the third. Half of it is left to chance, so that replicas that
/// were refused together do not come back together.
const FIRST_PAUSE: Duration = Duration::from_millis(150);
/// An API that asks for a longer pause is not waited for.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A call before it is made.
pub(super) struct Call<'a> {
    management: &'a Management,
    method: Method,
    segments: Vec<&'a str>,
    query: Vec<(&'a str, String)>,
    body: Option<Vec<u8>>,
}

impl Management {
    /// Reads.
    pub(super) fn get<'a>(&'a self, segments: &[&'a str]) -> Call<'a> {
        self.call(Method::GET, segments)
    }

    pub(super) fn call<'a>(&'a self, method: Method, segments: &[&'a str]) -> Call<'a> {
        Call {
            management: self,
            method,
            segments: segments.to_vec(),
            query: Vec::new(),
            body: None,
        }
    }

    /// This application's token: the one it has, unless that is the one that was `refused`, or a new one. Whoever loses
    /// patience meanwhile leaves it to the next.
    async fn token(&self, refused: Option<AccessToken>) -> Result<AccessToken, ManagementError> {
        let management = self.clone();
        let task = async move { management.current_token(refused.as_ref()).await };
        let token = tokio::spawn(task.in_current_span()).await;
        token.unwrap_or_else(|_| Err(ManagementError::Unavailable(None)))
    }

    async fn current_token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, ManagementError> {
        let came = Instant::now();
        let mut last = self.token.lock().await;
        let now = self.client.surroundings.now();
        if let Some(token) = &last.token
            && now < token.renewed_at
            && Some(&token.value) != refused
        {
            return Ok(token.value.clone());
        }
        // One request fails for all who waited for it. If each asked again in turn, they would still be asking when
        // nobody waits any longer.
        if let Some((when, error)) = &last.failure
            && *when > came
        {
            return Err(error.again());
        }
        match self.new_token(now).await {
            Ok(token) => {
                let value = token.value.clone();
                last.token = Some(token);
                Ok(value)
            }
            Err(error) => {
                last.failure = Some((Instant::now(), error.again()));
                Err(error)
            }
        }
    }

    /// Asks for a token, for no longer than others can be made to wait for it.
    async fn new_token(&self, now: OffsetDateTime) -> Result<Token, ManagementError> {
        let budget = self.client.http.within(Budget::Management).budget();
        let new = timeout(budget, self.client.client_token());
        let new = new.await.map_err(|_| HttpError::Timeout)??;
        let lifetime = new.lifetime.min(LONGEST_LIFETIME);
        let early = RENEWED_BEFORE.min(lifetime / 10);
        let life = time::Duration::try_from(lifetime.saturating_sub(early)).unwrap_or_default();
        Ok(Token {
            value: new.token,
            renewed_at: now.saturating_add(life),
        })
    }

    fn pause(&self, tries: u32, asked_for: Option<u32>) -> Option<Duration> {
        let [chance] = self.client.surroundings.random::<1>();
        let own = FIRST_PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1));
        let pause = own / 2 + own * u32::from(chance) / 512;
        match asked_for.map(|seconds| Duration::from_secs(seconds.into())) {
            Some(asked_for) if asked_for > LONGEST_PAUSE => None,
            Some(asked_for) => Some(pause.max(asked_for)),
            None => Some(pause),
        }
    }
}

impl<'a> Call<'a> {
    pub(super) fn query(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(body).ok();
        self
    }

    /// Makes the call and reads what it brings.
    pub(super) async fn read<T: DeserializeOwned>(self) -> Result<T, ManagementError> {
        let body = self.send().await?;
        serde_json::from_slice(&body).map_err(|error| {
            // Where, not what: an answer may hold addresses and names.
            ManagementError::Malformed(format!("line {} column {}", error.line(), error.column()))
        })
    }

    /// Makes the call; that it succeeded is all there is to know. A web page with status 200 is no success.
    pub(super) async fn done(self) -> Result<(), ManagementError> {
        let body = self.send().await?;
        let is_answer = body.is_empty() || serde_json::from_slice::<IgnoredAny>(&body).is_ok();
        is_answer
            .then_some(())
            .ok_or_else(|| ManagementError::Malformed("not JSON".to_owned()))
    }

    async fn send(self) -> Result<Vec<u8>, ManagementError> {
        let budget = self.management.client.http.within(Budget::Management).budget();
        timeout(budget, self.try_repeatedly())
            .await
            .unwrap_or(Err(ManagementError::Unavailable(Some(HttpError::Timeout))))
    }

    async fn try_repeatedly(self) -> Result<Vec<u8>, ManagementError> {
        let mut refused = None;
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = match self.management.token(refused.clone()).await {
                Ok(token) => match self.try_once(&token).await {
                    // Revoked, or signed with a key that is gone: once more with a new one.
                    Err(ManagementError::Credentials) if refused.is_none() => {
                        refused = Some(token);
                        continue;
                    }
                    outcome => outcome,
                },
                Err(error) => Err(error),
            };
            let error = match outcome {
                Err(error) if tries < TRIES && self.may_repeat(&error) => error,
                outcome => return outcome,
            };
            let asked_for = match error {
                ManagementError::Busy { retry_after } => retry_after,
                _ => None,
            };
            match self.management.pause(tries, asked_for) {
                Some(pause) => sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// What was too much was not done, so it may be asked for again. What failed in another way may have been done:
    /// only what changes nothing is repeated (RFC 9110 §9.2.2).
    fn may_repeat(&self, error: &ManagementError) -> bool {
        match error {
            ManagementError::Busy { .. } => true,
            ManagementError::Unavailable(Some(HttpError::Transport(error))) if error.is_connect() => true,
            ManagementError::Unavailable(Some(HttpError::TooLong)) => false,
            ManagementError::Unavailable(_) => self.method == Method::GET,
            _ => false,
        }
    }

    async fn try_once(&self, token: &AccessToken) -> Result<Vec<u8>, ManagementError> {
        let request = self.request(token)?;
        let http = self.management.client.http.within(Budget::Management);
        let answer = http.send_once(request).await?;
        match answer.status() {
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => Ok(answer.into_body()),
            status => Err(ManagementError::from_answer(status, answer.body())),
        }
    }

    fn request(&self, token: &AccessToken) -> Result<Request<Vec<u8>>, ManagementError> {
        let malformed = || ManagementError::Malformed("address".to_owned());
        let issuer = &self.management.client.settings().issuer;
        let mut url = Url::parse(issuer).map_err(|_| malformed())?;
        url.path_segments_mut()
            .map_err(|()| malformed())?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(&self.segments);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(url.as_str())
            .header(AUTHORIZATION, format!("Bearer {}", token.expose()))
            .header(ACCEPT, "application/json");
        if self.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request
            .body(self.body.clone().unwrap_or_default())
            .map_err(|error| ManagementError::Unavailable(Some(error.into())))
    }
}
