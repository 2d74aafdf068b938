//! A signed token (RFC 7515 compact form) before it is signed, for a bend to change.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{document::Document, keys::RsaKey, signature::Signature, surroundings::fresh};

/// An ID token, an access token, a signed `UserInfo` response or any other JWT in the making.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a bend returns what it made"]
pub struct Token {
    header: Document,
    /// Header parameters that the test decides; the signature leaves them alone.
    decided: Vec<String>,
    claims: Document,
    signature: Signature,
    /// The `kid` of the key in use.
    kid: String,
    raw: Option<String>,
}

impl Token {
    pub(crate) fn new(kid: &str, typ: &str, claims: Document) -> Self {
        let header = Document::from([("alg", json!("RS256")), ("kid", json!(kid)), ("typ", json!(typ))]);
        Self {
            header,
            decided: Vec::new(),
            claims,
            signature: Signature::default(),
            kid: kid.to_owned(),
            raw: None,
        }
    }

    /// Gives the claim `name` this value.
    pub fn claim(self, name: &str, value: impl Into<Value>) -> Self {
        self.claims(|claims| claims.set(name, value))
    }

    /// Leaves the claim `name` out.
    pub fn without(self, name: &str) -> Self {
        self.claims(|claims| claims.remove(name))
    }

    /// Has the claim `name` once more, at the end, with this value.
    pub fn duplicate(self, name: &str, value: impl Into<Value>) -> Self {
        self.claims(|claims| claims.duplicate(name, value))
    }

    /// Moves a date (`exp`, `iat`, `nbf`) by so many seconds, back if negative.
    pub fn shift(self, name: &str, seconds: i64) -> Self {
        self.claims(|claims| claims.shift(name, seconds))
    }

    /// Has exactly this text as its payload. It is signed nonetheless.
    pub fn raw_payload(self, text: impl Into<String>) -> Self {
        self.claims(|claims| claims.raw(text))
    }

    /// Changes the claims.
    pub fn claims(mut self, bend: impl FnOnce(Document) -> Document) -> Self {
        self.claims = bend(self.claims);
        self
    }

    /// The value of the claim `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// Gives the header parameter `name` this value, whatever the signature would have it be.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.decided.push(name.to_owned());
        self.header = self.header.set(name, value);
        self
    }

    /// Leaves the header parameter `name` out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.decided.push(name.to_owned());
        self.header = self.header.remove(name);
        self
    }

    /// Has the header parameter `name` once more, at the end, with this value.
    pub fn duplicate_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.decided.push(name.to_owned());
        self.header = self.header.duplicate(name, value);
        self
    }

    /// Has exactly this text as its header.
    pub fn raw_header(mut self, text: impl Into<String>) -> Self {
        self.header = self.header.raw(text);
        self
    }

    /// Is signed in this way.
    pub fn signed(mut self, signature: Signature) -> Self {
        let kid = signature.kid().unwrap_or(&self.kid);
        for (name, value) in [("alg", signature.algorithm()), ("kid", kid)] {
            if !self.decided.iter().any(|decided| decided == name) {
                self.header = self.header.set(name, value);
            }
        }
        self.signature = signature;
        self
    }

    /// Is an opaque string instead.
    pub fn opaque(self) -> Self {
        let opaque = fresh("opaque_");
        self.raw(opaque)
    }

    /// Is exactly this text instead.
    pub fn raw(mut self, text: impl Into<String>) -> Self {
        self.raw = Some(text.into());
        self
    }

    pub(crate) fn signature(&self) -> &Signature {
        &self.signature
    }

    pub(crate) fn sign(self, key: &RsaKey) -> String {
        if let Some(raw) = self.raw {
            return raw;
        }
        let mut token = URL_SAFE_NO_PAD.encode(self.header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(self.claims.to_string(), &mut token);
        let signature = self.signature.sign(key, token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }
}
