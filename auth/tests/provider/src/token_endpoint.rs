//! The token endpoint: codes and refresh tokens become tokens (RFC 6749 §4.1.3 and §6), PKCE is verified
//! (RFC 7636 §4.6), and the application gets a token of its own (RFC 6749 §4.4).

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::header;

use crate::{
    CLIENT_ID, CLIENT_SECRET,
    answer::Answer,
    document::Document,
    grants::Approval,
    received::{ClientAuthentication, Received},
    state::Provider,
};

/// Why there are no tokens.
pub(crate) enum Refusal {
    Client,
    Request(String),
    Grant(&'static str),
    GrantType,
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Client => {
                Self::error(401, "invalid_client", "who are you?").header(header::WWW_AUTHENTICATE, "Basic")
            }
            Refusal::Request(description) => Self::error(400, "invalid_request", &description),
            Refusal::Grant(description) => Self::error(400, "invalid_grant", description),
            Refusal::GrantType => Self::error(
                400,
                "unsupported_grant_type",
                "only codes, refresh tokens and the application's own credentials are taken",
            ),
        }
    }
}

impl Provider {
    pub(crate) fn answer_token(&self, request: &Received) -> Answer {
        let answer = match self.grant(request) {
            Ok(response) => Answer::json(200, &response),
            Err(refusal) => refusal.into(),
        };
        answer.header(header::CACHE_CONTROL, "no-store")
    }

    fn grant(&self, request: &Received) -> Result<Document, Refusal> {
        authenticate_client(request)?;
        if let Some(name) = request.form.repeated() {
            return Err(Refusal::Request(format!("`{name}` occurs twice")));
        }
        let parameter = |name| {
            let value = request.form.get(name);
            value.ok_or_else(|| Refusal::Request(format!("`{name}` is missing")))
        };
        match parameter("grant_type")? {
            "authorization_code" => {
                let approval = self.state().grants.spend_code(parameter("code")?);
                let approval = approval.ok_or(Refusal::Grant("the code is unknown or was used before"))?;
                let verifier = request.form.get("code_verifier");
                check_code(&approval, parameter("redirect_uri")?, verifier)?;
                Ok(self.issue(&approval, approval.nonce.clone()))
            }
            "refresh_token" => {
                let token = parameter("refresh_token")?;
                let approval = {
                    let mut state = self.state();
                    let keeps = state.keeps_refresh_tokens;
                    state.grants.spend_refresh_token(token, keeps)
                };
                let approval =
                    approval.ok_or(Refusal::Grant("the refresh token is unknown or was used before"))?;
                // Core §12.2: the new ID token should have no nonce.
                Ok(self.issue(&approval, None))
            }
            "client_credentials" => Ok(self.issue_to_client()),
            _ => Err(Refusal::GrantType),
        }
    }
}

/// RFC 6749 §2.3.1: by HTTP Basic or in the form, whatever the discovery document announces.
pub(crate) fn authenticate_client(request: &Received) -> Result<(), Refusal> {
    match request.client_authentication() {
        ClientAuthentication::Basic { id, secret } | ClientAuthentication::Form { id, secret }
            if id == CLIENT_ID && secret == CLIENT_SECRET =>
        {
            Ok(())
        }
        _ => Err(Refusal::Client),
    }
}

fn check_code(approval: &Approval, redirect_uri: &str, verifier: Option<&str>) -> Result<(), Refusal> {
    if redirect_uri != approval.redirect_uri {
        return Err(Refusal::Grant("the code was sent to another `redirect_uri`"));
    }
    let challenge = verifier.map(|verifier| {
        let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
        URL_SAFE_NO_PAD.encode(hash)
    });
    if challenge != approval.code_challenge {
        return Err(Refusal::Grant("`code_verifier` does not match the challenge"));
    }
    Ok(())
}
