//! The person's part: authorization requests, pushed ones too (RFC 9126), and what the browser brings back from them.

use axum::body::Bytes;
use http::{HeaderMap, Method};
use serde_json::json;
use url::Url;

use crate::{
    CLIENT_ID, answer::Answer, document::Document, endpoint::Endpoint, grants::Approval,
    parameters::Parameters, received::Received, state::Provider, surroundings::fresh,
    token_endpoint::authenticate_client,
};

/// How long a pushed request is said to live. Seconds.
const PUSHED_LIFETIME: i64 = 60;

impl Provider {
    /// RFC 6749 §4.1.2, RFC 9207.
    #[track_caller]
    pub(crate) fn authorize(&self, authorization_url: &str) -> String {
        let request = self.authorization_request(authorization_url);
        let approval = Approval {
            sid: fresh("ses_"),
            scope: request.get("scope").unwrap_or_default().to_owned(),
            nonce: request.get("nonce").map(str::to_owned),
            code_challenge: request.get("code_challenge").map(str::to_owned),
            redirect_uri: request.get("redirect_uri").unwrap().to_owned(),
        };
        let code = self.state().grants.new_code(approval);
        self.authorization_response(&request, Parameters::default().add("code", code))
    }

    /// RFC 6749 §4.1.2.1.
    #[track_caller]
    pub(crate) fn refuse(&self, authorization_url: &str, error: &str) -> String {
        let request = self.authorization_request(authorization_url);
        let refusal = Parameters::default()
            .add("error", error)
            .add("error_description", "the provider was told to refuse");
        self.authorization_response(&request, refusal)
    }

    fn authorization_response(&self, request: &Parameters, mut response: Parameters) -> String {
        if let Some(state) = request.get("state") {
            response = response.add("state", state);
        }
        let honest = response.add("iss", &self.issuer);
        self.bends()
            .authorization_response
            .apply(honest)
            .appended_to(request.get("redirect_uri").unwrap())
    }

    /// The request's parameters, remembered and checked. An honest provider would show an error page instead of
    /// panicking.
    #[track_caller]
    fn authorization_request(&self, authorization_url: &str) -> Parameters {
        let url = Url::parse(authorization_url).expect("the authorization URL is a URL");
        let endpoint = Url::parse(&self.url(Endpoint::Authorization)).unwrap();
        assert_eq!(url.path(), endpoint.path(), "the request goes elsewhere");
        let query = Parameters::parse(url.query().unwrap_or_default().as_bytes());
        let mut state = self.state();
        state
            .received
            .entry(Endpoint::Authorization)
            .or_default()
            .push(Received {
                method: Method::GET,
                path: url.path().to_owned(),
                query: query.clone(),
                headers: HeaderMap::new(),
                form: Parameters::default(),
                body: Bytes::new(),
            });
        assert_eq!(query.get("client_id"), Some(CLIENT_ID), "whose request is it?");
        // RFC 9126 §4: what was pushed is all that counts.
        let request = match query.get("request_uri") {
            None => query,
            Some(request_uri) => {
                let pushed = state.grants.take_pushed(request_uri);
                pushed.expect("the request was pushed, and is used for the first time")
            }
        };
        drop(state);
        if let Err(mistake) = check(&request) {
            panic!("{mistake}: {request:?}");
        }
        request
    }

    pub(crate) fn answer_pushed_authorization(&self, request: &Received) -> Answer {
        if let Err(refusal) = authenticate_client(request) {
            return refusal.into();
        }
        if let Err(mistake) = check(&request.form) {
            return Answer::error(400, "invalid_request", mistake);
        }
        let request_uri = self.state().grants.push(request.form.clone());
        let honest = Document::from([
            ("request_uri", json!(request_uri)),
            ("expires_in", json!(PUSHED_LIFETIME)),
        ]);
        let response = self.bends().pushed_authorization_response.apply(honest);
        Answer::json(201, &response)
    }
}

fn check(request: &Parameters) -> Result<(), &'static str> {
    let scope = request.get("scope").unwrap_or_default();
    let redirect_uri = request.get("redirect_uri").map(Url::parse);
    if request.repeated().is_some() {
        Err("a parameter occurs twice")
    } else if request.get("client_id") != Some(CLIENT_ID) {
        Err("`client_id` is somebody else's")
    } else if request.get("response_type") != Some("code") {
        Err("`response_type` is not `code`")
    } else if !scope.split(' ').any(|scope| scope == "openid") {
        Err("`scope` does not contain `openid`")
    } else if !matches!(redirect_uri, Some(Ok(_))) {
        Err("`redirect_uri` is no URL")
    } else if request.get("code_challenge").is_some() && request.get("code_challenge_method") != Some("S256")
    {
        Err("`code_challenge_method` is not `S256`")
    } else {
        Ok(())
    }
}
