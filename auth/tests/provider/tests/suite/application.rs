//! An application that signs people in, as small as it can be and with none of the caution it should have.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use misbehaving_provider::{CLIENT_ID, CLIENT_SECRET, Endpoint, MisbehavingProvider};
use reqwest::redirect;
use serde_json::Value;
use url::{Url, form_urlencoded};

pub(crate) const CALLBACK: &str = "http://localhost:3000/auth/callback";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) struct Application<'a> {
    provider: &'a MisbehavingProvider,
    http: reqwest::Client,
}

/// What the token endpoint answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl<'a> Application<'a> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test's client, not the application's"
    )]
    pub(crate) fn of(provider: &'a MisbehavingProvider) -> Self {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { provider, http }
    }

    pub(crate) fn authorization_url(&self) -> String {
        let mut url = Url::parse(&self.provider.url(Endpoint::Authorization)).unwrap();
        url.query_pairs_mut().extend_pairs(authorization_request());
        url.into()
    }

    /// The code of a sign-in that the person approved.
    pub(crate) fn code(&self) -> String {
        parameter(&self.provider.authorize(&self.authorization_url()), "code").unwrap()
    }

    pub(crate) async fn get(&self, endpoint: Endpoint) -> reqwest::Result<reqwest::Response> {
        self.http.get(self.provider.url(endpoint)).send().await
    }

    pub(crate) async fn get_json(&self, endpoint: Endpoint) -> Value {
        self.get(endpoint).await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn userinfo(&self, access_token: &str) -> reqwest::Response {
        let url = self.provider.url(Endpoint::UserInfo);
        self.http.get(url).bearer_auth(access_token).send().await.unwrap()
    }

    pub(crate) async fn exchange(&self, code: &str, verifier: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        self.post(Endpoint::Token, &form).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.post(Endpoint::Token, &form).await
    }

    pub(crate) async fn sign_in(&self) -> Value {
        let answer = self.exchange(&self.code(), VERIFIER).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json
    }

    /// Posts a form, with the secret in HTTP Basic (RFC 6749 §2.3.1).
    pub(crate) async fn post(&self, endpoint: Endpoint, form: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        self.post_as(&encode(CLIENT_ID), &encode(CLIENT_SECRET), endpoint, form)
            .await
    }

    pub(crate) async fn post_as(
        &self,
        id: &str,
        secret: &str,
        endpoint: Endpoint,
        form: &[(&str, &str)],
    ) -> Answer {
        let request = self.http.post(self.provider.url(endpoint)).form(form);
        let response = request.basic_auth(id, Some(secret)).send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            json: response.json().await.unwrap(),
        }
    }

    /// The answer of the management API at `path`, below its own.
    pub(crate) async fn manage(&self, path: &str, token: &str) -> Answer {
        let url = format!("{}{path}", self.provider.url(Endpoint::Management));
        let response = self.http.get(url).bearer_auth(token).send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            json: response.json().await.unwrap(),
        }
    }

    /// The claims of a token, if its signature is that of a published RSA key.
    pub(crate) async fn verify(&self, token: &str) -> Option<Value> {
        let keys: JwkSet = serde_json::from_value(self.get_json(Endpoint::Keys).await).unwrap();
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = DecodingKey::from_jwk(keys.find(&kid)?).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[CLIENT_ID]);
        validation.set_issuer(&[self.provider.issuer()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let data = jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?;
        Some(data.claims)
    }
}

pub(crate) fn authorization_request() -> [(&'static str, &'static str); 8] {
    [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email offline_access"),
        ("state", "st&te"),
        ("nonce", "n0nce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// A parameter of an address's query.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs()
        .find(|(candidate, _)| candidate == name)
        .map(|(_, value)| value.into_owned())
}

/// A member of a response or a token, as text.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

/// The header and the payload of a token, unverified, as they were sent.
pub(crate) fn parts(token: &str) -> (String, String) {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    let mut parts = token
        .split('.')
        .map(|part| String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(part).unwrap()).into_owned());
    (parts.next().unwrap(), parts.next().unwrap())
}
