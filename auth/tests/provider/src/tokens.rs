//! The tokens of one token response: first the access token, as bent, then the ID token with its hash, as bent, then
//! the response around them.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use crate::{
    CLIENT_ID, SUBJECT,
    document::Document,
    grants::{Approval, Issued},
    signature::Signature,
    state::Provider,
    surroundings::fresh,
    token::Token,
};

/// Seconds.
const ACCESS_TOKEN_LIFETIME: i64 = 5 * 60;
/// Seconds.
const ID_TOKEN_LIFETIME: i64 = 30 * 60;
/// Seconds.
const CLIENT_TOKEN_LIFETIME: i64 = 24 * 60 * 60;

impl Provider {
    /// The token response for one sign-in (OpenID Connect Core §3.1.3.3).
    pub(crate) fn issue(&self, approval: &Approval, nonce: Option<String>) -> Document {
        let now = self.now();
        let bends = self.bends();
        let access_token = self.sign(bends.access_token.apply(self.access_token(approval, now)));
        let id_token = self.id_token(approval, nonce, &access_token, now);
        let id_token = self.sign(bends.id_token.apply(id_token));

        let mut honest = Document::from([
            ("access_token", json!(access_token)),
            ("token_type", json!("Bearer")),
            ("expires_in", json!(ACCESS_TOKEN_LIFETIME)),
            ("id_token", json!(id_token)),
            ("scope", json!(approval.scope)),
        ]);
        let mut state = self.state();
        let refresh_token = approval
            .has_scope("offline_access")
            .then(|| state.grants.new_refresh_token(approval.clone()));
        if let Some(token) = &refresh_token {
            honest = honest.set("refresh_token", token.as_str());
        }
        state
            .grants
            .remember_access_token(&access_token, now + ACCESS_TOKEN_LIFETIME);
        state.grants.issued.push(Issued {
            access_token,
            id_token,
            refresh_token,
        });
        drop(state);
        bends.token_response.apply(honest)
    }

    /// The token response for the application itself (RFC 6749 §4.4.3).
    pub(crate) fn issue_to_client(&self) -> Document {
        let ends_at = self.now() + CLIENT_TOKEN_LIFETIME;
        let token = self.state().grants.new_client_token(ends_at);
        let honest = Document::from([
            ("access_token", json!(token)),
            ("token_type", json!("Bearer")),
            ("expires_in", json!(CLIENT_TOKEN_LIFETIME)),
        ]);
        self.bends().token_response.apply(honest)
    }

    /// A JWT access token (RFC 9068 §2).
    fn access_token(&self, approval: &Approval, now: i64) -> Token {
        let claims = Document::from([
            ("iss", json!(self.issuer)),
            ("sub", json!(SUBJECT)),
            ("aud", json!([CLIENT_ID])),
            ("exp", json!(now + ACCESS_TOKEN_LIFETIME)),
            ("iat", json!(now)),
            ("nbf", json!(now)),
            ("jti", json!(fresh("tok_"))),
            ("client_id", json!(CLIENT_ID)),
            ("sid", json!(approval.sid)),
            ("roles", json!(["admin"])),
            ("permissions", json!(["organization:settings"])),
            ("scope", json!(approval.scope)),
        ]);
        Token::new(&self.current_key().kid, "at+jwt", claims)
    }

    /// OpenID Connect Core §2 and §3.1.3.6.
    fn id_token(&self, approval: &Approval, nonce: Option<String>, access_token: &str, now: i64) -> Token {
        let mut claims = Document::from([
            ("iss", json!(self.issuer)),
            ("sub", json!(SUBJECT)),
            ("aud", json!([CLIENT_ID])),
            ("exp", json!(now + ID_TOKEN_LIFETIME)),
            ("iat", json!(now)),
            ("at_hash", json!(at_hash(access_token))),
            ("sid", json!(approval.sid)),
            ("oid", json!("org_acme")),
            ("name", json!("Ada Admin")),
            ("email", json!("ada@acme.example")),
        ]);
        if let Some(nonce) = nonce {
            claims = claims.set("nonce", nonce);
        }
        Token::new(&self.current_key().kid, "JWT", claims)
    }

    pub(crate) fn sign(&self, token: Token) -> String {
        let mut state = self.state();
        match token.signature() {
            Signature::Es256 => state.keys.es256 = true,
            Signature::WeakRsa => state.keys.weak_rsa = true,
            _ => {}
        }
        drop(state);
        token.sign(&self.current_key())
    }
}

/// The left half of the hash that goes with RS256.
fn at_hash(access_token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
    let (left, _) = hash.as_ref().split_at(digest::SHA256_OUTPUT_LEN / 2);
    URL_SAFE_NO_PAD.encode(left)
}
