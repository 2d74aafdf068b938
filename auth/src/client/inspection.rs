//! A session's tokens, taken apart for the person they are about: what they say, and which rule they keep.
//!
//! Nothing is judged here. The verification that every token went through when it was received is done once more, and
//! its verdict is told rule by rule: it stops at the first rule that is broken, and what a token says beyond that counts
//! for nothing.

use jsonwebtoken::errors::ErrorKind;
use openidconnect::{AccessToken, ClaimsVerificationError, SignatureVerificationError, core::CoreIdToken};

use super::{
    AccessTokenError, Client, HeaderError, IdTokenError, JwtError, NotDiscovered, ValidationError,
    id_token::Occasion, jose,
};
use crate::{claims::Claims, session::SignedIn};

/// A token, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Its header; empty if it is opaque.
    pub header: Claims,
    /// What it says; empty if it is opaque.
    pub claims: Claims,
    /// The rules, in the order in which they are judged; empty if it is opaque, for nobody but the provider can judge
    /// it then.
    pub judgements: Vec<Judgement>,
}

/// Both of a session's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspections {
    /// The access token.
    pub access_token: Inspection,
    /// The ID token.
    pub id_token: Inspection,
}

/// One rule, and whether it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// Which.
    pub rule: Rule,
    /// Whether.
    pub verdict: Verdict,
}

/// Whether a rule is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Kept,
    /// It is not.
    Broken,
    /// Another rule was broken before, or the provider's keys are not known.
    NotJudged,
    /// The token says nothing that the rule could be about, which is its right.
    NotConcerned,
}

/// How far the verification went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Judged {
    /// To its end.
    All,
    /// To this rule, which is broken.
    UpTo(Rule),
    /// Nowhere: the provider's keys are not known.
    Nothing,
}

/// The rules of verification, as people are told of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A signed JWT of the right type.
    Form,
    /// An algorithm that the provider signs with.
    Algorithm,
    /// A key that the provider publishes.
    Key,
    /// A signature that the key verifies.
    Signature,
    /// Made by this provider: `iss`.
    Issuer,
    /// Made for this application: `aud`.
    Audience,
    /// Given to this application: `azp`.
    AuthorizedParty,
    /// Not over, and not from the future: `exp`, `iat`.
    Expiry,
    /// Valid already: `nbf`.
    NotBefore,
    /// Made for the sign-in that this browser began: `nonce`.
    Nonce,
    /// Made together with the access token: `at_hash`.
    AccessTokenHash,
    /// About the person who is signed in: `sub`.
    Subject,
    /// No token of another kind in its place.
    Kind,
}

/// In the order of `verify_access_token`.
const OF_ACCESS_TOKENS: [Rule; 10] = [
    Rule::Form,
    Rule::Algorithm,
    Rule::Key,
    Rule::Signature,
    Rule::Audience,
    Rule::Issuer,
    Rule::Kind,
    Rule::Expiry,
    Rule::NotBefore,
    Rule::Subject,
];

/// In the order of `verify_id_token`, and of openidconnect inside it.
const OF_ID_TOKENS: [Rule; 13] = [
    Rule::Form,
    Rule::Algorithm,
    Rule::Key,
    Rule::Issuer,
    Rule::Audience,
    Rule::Signature,
    Rule::Expiry,
    Rule::Nonce,
    Rule::AuthorizedParty,
    Rule::Subject,
    Rule::Kind,
    Rule::NotBefore,
    Rule::AccessTokenHash,
];

impl Rule {
    /// The claim without which a token is not concerned. Those that it must have are not among them.
    const fn optional_claim(self) -> Option<&'static str> {
        match self {
            Self::AuthorizedParty => Some("azp"),
            Self::NotBefore => Some("nbf"),
            Self::Nonce => Some("nonce"),
            Self::AccessTokenHash => Some("at_hash"),
            _ => None,
        }
    }
}

impl Client {
    /// Takes the tokens of `session` apart. Works without the provider; then nothing is judged but what needs no key.
    pub async fn inspect(&self, session: &SignedIn) -> Inspections {
        Inspections {
            access_token: self.inspect_access_token(session).await,
            id_token: self.inspect_id_token(session).await,
        }
    }

    async fn inspect_access_token(&self, session: &SignedIn) -> Inspection {
        let text = session.tokens.access_token.expose();
        if !self.reads_access_token(text) {
            return Inspection::of_opaque();
        }
        let judged = match self.validate_access_token(session).await {
            Ok(_) => Judged::All,
            Err(ValidationError::NotDiscovered(_)) => Judged::Nothing,
            Err(ValidationError::AccessToken(error)) => Judged::UpTo(Rule::broken_by_access_token(&error)),
        };
        Inspection::new(text, &OF_ACCESS_TOKENS, judged, &[])
    }

    async fn inspect_id_token(&self, session: &SignedIn) -> Inspection {
        let text = session.tokens.id_token.expose();
        let judged = match self.judge_id_token(session).await {
            Ok(None) => Judged::All,
            Ok(Some(error)) => Judged::UpTo(Rule::broken_by_id_token(&error)),
            Err(NotDiscovered) => Judged::Nothing,
        };
        // It was made together with an access token that has been replaced since.
        let unconcerned: &[Rule] = if session.tokens.came_together() {
            &[]
        } else {
            &[Rule::AccessTokenHash]
        };
        Inspection::new(text, &OF_ID_TOKENS, judged, unconcerned)
    }

    async fn judge_id_token(&self, session: &SignedIn) -> Result<Option<IdTokenError>, NotDiscovered> {
        let provider = self.provider()?;
        let Ok(token) = session.tokens.id_token.expose().parse::<CoreIdToken>() else {
            return Ok(Some(IdTokenError::Payload));
        };
        let access_token = AccessToken::new(session.tokens.access_token.expose().to_owned());
        let occasion = Occasion::Inspection(session);
        let verified = self.verify_id_token(&provider, &token, &access_token, occasion);
        Ok(verified.await.err())
    }
}

impl Inspection {
    fn of_opaque() -> Self {
        Self {
            header: Claims::new(),
            claims: Claims::new(),
            judgements: Vec::new(),
        }
    }

    /// `rules` were judged in their order, as far as that went. Those that are `unconcerned` could not be.
    fn new(token: &str, rules: &[Rule], judged: Judged, unconcerned: &[Rule]) -> Self {
        let claims = jose::payload(token).unwrap_or_default();
        let mut verdict = match judged {
            Judged::Nothing => Verdict::NotJudged,
            Judged::All | Judged::UpTo(_) => Verdict::Kept,
        };
        let judgements = rules.iter().map(|&rule| {
            if judged == Judged::UpTo(rule) {
                verdict = Verdict::NotJudged;
                return Judgement {
                    rule,
                    verdict: Verdict::Broken,
                };
            }
            let is_concerned = !unconcerned.contains(&rule)
                && rule
                    .optional_claim()
                    .is_none_or(|claim| claims.contains_key(claim));
            Judgement {
                rule,
                verdict: if is_concerned {
                    verdict
                } else {
                    Verdict::NotConcerned
                },
            }
        });
        Self {
            judgements: judgements.collect(),
            header: jose::header(token).unwrap_or_default(),
            claims,
        }
    }

    /// The verdict on `rule`, if it is one of this token's.
    pub fn verdict(&self, rule: Rule) -> Option<Verdict> {
        let judgement = self.judgements.iter().find(|judgement| judgement.rule == rule)?;
        Some(judgement.verdict)
    }

    /// Whether a rule is broken.
    pub fn is_broken(&self) -> bool {
        self.judgements.iter().any(|it| it.verdict == Verdict::Broken)
    }
}

impl Rule {
    fn broken_by_access_token(error: &AccessTokenError) -> Self {
        match error {
            AccessTokenError::Jwt(JwtError::Header(error)) => Self::broken_by_header(error),
            AccessTokenError::Jwt(JwtError::Invalid(error)) => match error.kind() {
                ErrorKind::InvalidAudience | ErrorKind::MissingRequiredClaim(_) => Self::Audience,
                ErrorKind::InvalidIssuer => Self::Issuer,
                _ => Self::Signature,
            },
            AccessTokenError::Jwt(JwtError::Payload) => Self::Form,
            AccessTokenError::Expired => Self::Expiry,
            AccessTokenError::Subject => Self::Subject,
            AccessTokenError::NotYetValid => Self::NotBefore,
            AccessTokenError::IdToken => Self::Kind,
        }
    }

    fn broken_by_id_token(error: &IdTokenError) -> Self {
        match error {
            IdTokenError::Header(error) => Self::broken_by_header(error),
            IdTokenError::Claims(error) => match error {
                ClaimsVerificationError::InvalidIssuer(_) => Self::Issuer,
                ClaimsVerificationError::InvalidAudience(_) => Self::Audience,
                ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                    Self::Key
                }
                ClaimsVerificationError::SignatureVerification(_) => Self::Signature,
                ClaimsVerificationError::Expired(_) => Self::Expiry,
                ClaimsVerificationError::InvalidNonce(_) => Self::Nonce,
                ClaimsVerificationError::InvalidSubject(_) => Self::Subject,
                _ => Self::Form,
            },
            IdTokenError::AuthorizedParty => Self::AuthorizedParty,
            IdTokenError::AccessTokenHash => Self::AccessTokenHash,
            IdTokenError::Subject | IdTokenError::OtherSubject => Self::Subject,
            IdTokenError::Date => Self::Expiry,
            IdTokenError::NotYetValid => Self::NotBefore,
            IdTokenError::Payload => Self::Form,
            IdTokenError::AccessToken | IdTokenError::LogoutToken | IdTokenError::OtherAuthentication => {
                Self::Kind
            }
        }
    }

    fn broken_by_header(error: &HeaderError) -> Self {
        match error {
            HeaderError::Malformed | HeaderError::Critical | HeaderError::Type => Self::Form,
            HeaderError::Algorithm => Self::Algorithm,
            HeaderError::Key(_) => Self::Key,
        }
    }
}
