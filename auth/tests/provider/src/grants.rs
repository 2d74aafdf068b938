//! What the person has approved: pushed requests, codes and the tokens made from them. Each works once.

use std::collections::HashMap;

use crate::{parameters::Parameters, surroundings::fresh};

/// One sign-in, as far as its tokens have to know it.
#[derive(Debug, Clone)]
pub(crate) struct Approval {
    pub(crate) sid: String,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: Option<String>,
    pub(crate) redirect_uri: String,
}

impl Approval {
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

/// The tokens of one token response, as they were sent, unless the response was bent too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// The ID token.
    pub id_token: String,
    /// The refresh token, if `offline_access` was granted.
    pub refresh_token: Option<String>,
}

#[derive(Default)]
pub(crate) struct Grants {
    pushed: HashMap<String, Parameters>,
    codes: HashMap<String, Once>,
    refresh_tokens: HashMap<String, Once>,
    /// With the second in which they end.
    access_tokens: HashMap<String, i64>,
    /// The application's own, in the same way.
    client_tokens: HashMap<String, i64>,
    pub(crate) issued: Vec<Issued>,
}

/// Something that works once. Its second use ends the session: one of the two users is a thief (RFC 6749 §4.1.2,
/// RFC 9700 §4.14.2).
struct Once {
    approval: Approval,
    spent: bool,
}

impl Grants {
    pub(crate) fn push(&mut self, request: Parameters) -> String {
        let request_uri = fresh("urn:ietf:params:oauth:request_uri:");
        self.pushed.insert(request_uri.clone(), request);
        request_uri
    }

    pub(crate) fn take_pushed(&mut self, request_uri: &str) -> Option<Parameters> {
        self.pushed.remove(request_uri)
    }

    pub(crate) fn new_code(&mut self, approval: Approval) -> String {
        keep(&mut self.codes, "code_", approval)
    }

    pub(crate) fn new_refresh_token(&mut self, approval: Approval) -> String {
        keep(&mut self.refresh_tokens, "refresh_", approval)
    }

    pub(crate) fn spend_code(&mut self, code: &str) -> Option<Approval> {
        let known = self.codes.get_mut(code)?;
        let (approval, spent) = (known.approval.clone(), known.spent);
        known.spent = true;
        self.unless_spent(approval, spent)
    }

    /// `keeps` if it may be used again.
    pub(crate) fn spend_refresh_token(&mut self, token: &str, keeps: bool) -> Option<Approval> {
        let known = self.refresh_tokens.get_mut(token)?;
        let (approval, spent) = (known.approval.clone(), known.spent);
        known.spent = !keeps;
        self.unless_spent(approval, spent)
    }

    fn unless_spent(&mut self, approval: Approval, spent: bool) -> Option<Approval> {
        if spent {
            self.refresh_tokens
                .retain(|_, other| other.approval.sid != approval.sid);
            return None;
        }
        Some(approval)
    }

    pub(crate) fn end_sessions(&mut self) {
        self.codes.clear();
        self.refresh_tokens.clear();
    }

    pub(crate) fn remember_access_token(&mut self, token: &str, ends_at: i64) {
        self.access_tokens.insert(token.to_owned(), ends_at);
    }

    pub(crate) fn is_access_token(&self, token: &str, now: i64) -> bool {
        lives(&self.access_tokens, token, now)
    }

    pub(crate) fn new_client_token(&mut self, ends_at: i64) -> String {
        let token = fresh("client_");
        self.client_tokens.insert(token.clone(), ends_at);
        token
    }

    pub(crate) fn is_client_token(&self, token: &str, now: i64) -> bool {
        lives(&self.client_tokens, token, now)
    }
}

fn lives(shelf: &HashMap<String, i64>, token: &str, now: i64) -> bool {
    shelf.get(token).is_some_and(|ends_at| now < *ends_at)
}

fn keep(shelf: &mut HashMap<String, Once>, prefix: &str, approval: Approval) -> String {
    let name = fresh(prefix);
    let once = Once {
        approval,
        spent: false,
    };
    shelf.insert(name.clone(), once);
    name
}
