//! Claims on request (OpenID Connect Core §5.3), as JSON or, once a test asks for it, signed.

use http::header;
use serde_json::json;

use crate::{
    CLIENT_ID, SUBJECT, answer::Answer, document::Document, received::Received, state::Provider, token::Token,
};

impl Provider {
    pub(crate) fn answer_userinfo(&self, request: &Received) -> Answer {
        let token = request.header("authorization").strip_prefix("Bearer ");
        let now = self.now();
        if !token.is_some_and(|token| self.state().grants.is_access_token(token, now)) {
            return Answer::empty(401).header(header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#);
        }
        let honest = Document::from([
            ("sub", json!(SUBJECT)),
            ("name", json!("Ada Admin")),
            ("email", json!("ada@acme.example")),
            ("email_verified", json!(true)),
        ]);
        let bends = self.bends();
        let claims = bends.userinfo.apply(honest);
        if bends.signed_userinfo.is_empty() {
            return Answer::json(200, &claims);
        }
        // Core §5.3.2: signed, it should say who signed and for whom.
        let claims = claims.set("iss", self.issuer.as_str()).set("aud", CLIENT_ID);
        let token = Token::new(&self.current_key().kid, "JWT", claims);
        let token = self.sign(bends.signed_userinfo.apply(token));
        Answer::new(200, "application/jwt", token)
    }
}
