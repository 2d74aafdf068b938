//! An application that signs people in at an emulator: it builds authorization URLs and redeems what comes back.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use emulator::{CLIENT_ID, CLIENT_SECRET, Control, Emulator};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use url::Url;

use crate::browser::{Browser, http};

pub(crate) const CALLBACK: &str = "http://app.test/auth/callback";
/// The verifier of RFC 7636, appendix B, and its challenge.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The application and the emulator it belongs to.
pub(crate) struct Application {
    emulator: Emulator,
    client: reqwest::Client,
}

impl Application {
    pub(crate) async fn start() -> Self {
        let emulator = Emulator::builder().redirect_uri(CALLBACK).start().await.unwrap();
        Self {
            emulator,
            client: http(false),
        }
    }

    pub(crate) fn control(&self) -> Control {
        self.emulator.control()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.issuer())
    }

    pub(crate) fn issuer(&self) -> &str {
        self.emulator.issuer()
    }

    /// An authorization URL with everything that a good request has. `changes` replace, add, or (empty) remove.
    pub(crate) fn authorization_url(&self, changes: &[(&str, &str)]) -> String {
        let mut params = vec![
            ("client_id", CLIENT_ID),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile email offline_access"),
            ("state", "st&te"),
            ("nonce", "n0nce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            params.retain(|(other, _)| other != name);
            if !value.is_empty() {
                params.push((name, value));
            }
        }
        Url::parse_with_params(&self.url("/oauth/authorize"), params)
            .unwrap()
            .into()
    }

    /// A code for a person, without the pages.
    pub(crate) fn code_for(&self, email: &str) -> String {
        let callback = self
            .control()
            .approve(&self.authorization_url(&[]), email)
            .unwrap();
        answer(&callback)["code"].clone()
    }

    /// The tokens for a person, without the pages.
    pub(crate) async fn tokens_for(&self, email: &str) -> Value {
        json(self.redeem(&self.code_for(email)).send().await.unwrap()).await
    }

    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> RequestBuilder {
        self.client.post(self.url(path)).form(form)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// A token request with the credentials in the form.
    pub(crate) fn token(&self, form: &[(&str, &str)]) -> RequestBuilder {
        let credentials = [("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
        self.post("/oauth/token", &[form, &credentials].concat())
    }

    pub(crate) fn redeem(&self, code: &str) -> RequestBuilder {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ])
    }

    pub(crate) async fn refresh(&self, tokens: &Value) -> Response {
        let token = tokens["refresh_token"].as_str().unwrap();
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .send()
            .await
            .unwrap()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.issuer())
    }
}

/// The parameters of an address.
pub(crate) fn answer(address: &str) -> HashMap<String, String> {
    Url::parse(address).unwrap().query_pairs().into_owned().collect()
}

pub(crate) async fn json(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

/// The claims of a token, unverified.
pub(crate) fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The OAuth error of a refused request.
pub(crate) async fn error(response: Response) -> String {
    assert!(response.status().is_client_error(), "{}", response.status());
    json(response).await["error"].as_str().unwrap().to_owned()
}
