//! The management API, as far as tests need one: whatever lies below `/api/v1` gives one and the same answer, in which
//! every operation finds what it looks for, to whoever has the application's own token. Methods, paths and bodies are
//! there to be looked at; bends and faults make other answers of it.

use serde_json::json;

use crate::{SUBJECT, answer::Answer, document::Document, received::Received, state::Provider};

impl Provider {
    pub(crate) fn answer_management(&self, request: &Received) -> Answer {
        let token = request.header("authorization").strip_prefix("Bearer ");
        let now = self.now();
        // A person's access token is of no use here.
        if !token.is_some_and(|token| self.state().grants.is_client_token(token, now)) {
            return Answer::json(401, &json!({ "code": 16, "message": "Token empty" }));
        }
        let honest = Document::from([
            (
                "organization",
                json!({ "id": "org_acme", "display_name": "Acme" }),
            ),
            ("user", json!({ "id": SUBJECT, "email": "ada@acme.example" })),
            ("link", json!({ "location": format!("{}/portal", self.issuer) })),
            ("policy", json!({ "policy_source": "APPLICATION" })),
            ("enabled", json!(true)),
        ]);
        Answer::json(200, &self.bends().management.apply(honest))
    }
}
