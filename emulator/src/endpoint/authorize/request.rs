//! The application's request to sign someone in, checked: what it may ask for and how it is told no.

use url::Url;

use crate::{
    client::Client,
    params::Params,
    people::{self, Organization},
    store::grant::Scope,
};

/// A request that is fit to be answered.
#[derive(Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: Scope,
    pub(crate) code_challenge: Option<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) prompt: Prompt,
    /// Seconds.
    pub(crate) max_age: Option<i64>,
    /// Where the sign-in is for, from `organization_id`, `connection_id` or `domain_hint`.
    pub(crate) organization: Option<&'static Organization>,
    pub(crate) way: Way,
}

/// How the person is to prove who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// With a code by e-mail.
    Code,
    /// At the organization's identity provider, which this environment plays too.
    SingleSignOn(&'static Organization),
    /// At a social provider, likewise.
    Social(&'static Social),
}

impl Way {
    /// `conn_…`, the `amr` claim.
    pub(crate) fn connection_id(self) -> &'static str {
        match self {
            Self::Code => "conn_58327482062864391",
            Self::SingleSignOn(organization) => organization.connection_id,
            Self::Social(social) => social.connection_id,
        }
    }
}

/// A social provider by name.
#[derive(PartialEq, Eq)]
pub(crate) struct Social {
    name: &'static str,
    pub(crate) label: &'static str,
    connection_id: &'static str,
}

#[rustfmt::skip]
static SOCIAL: [Social; 6] = [
    Social { name: "google", label: "Google", connection_id: "conn_58327482062864401" },
    Social { name: "microsoft", label: "Microsoft", connection_id: "conn_58327482062864402" },
    Social { name: "github", label: "GitHub", connection_id: "conn_58327482062864403" },
    Social { name: "gitlab", label: "GitLab", connection_id: "conn_58327482062864404" },
    Social { name: "linkedin", label: "LinkedIn", connection_id: "conn_58327482062864405" },
    Social { name: "salesforce", label: "Salesforce", connection_id: "conn_58327482062864406" },
];

/// What the person is to be asked (OIDC Core 3.1.2.1, and `create` of OIDC Prompt Create).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the parameter is a set of words, each there or not"
)]
pub(crate) struct Prompt {
    pub(crate) none: bool,
    pub(crate) login: bool,
    pub(crate) create: bool,
    pub(crate) select_account: bool,
}

impl Prompt {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let mut prompt = Self::default();
        for word in text.split_ascii_whitespace() {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "create" => prompt.create = true,
                "select_account" => prompt.select_account = true,
                // There is nothing to consent to here.
                "consent" => {}
                other => {
                    return Err(Refusal::invalid_request(format!(
                        "prompt \"{other}\" is not supported"
                    )));
                }
            }
        }
        if prompt.none && (prompt.login || prompt.create || prompt.select_account) {
            return Err(Refusal::invalid_request("prompt \"none\" must stand alone"));
        }
        Ok(prompt)
    }
}

/// Why there is no sign-in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthorizeError {
    #[error("The request came as something else than a form.")]
    NotAForm,
    #[error("The parameter client_id is missing or came twice.")]
    ClientMissing,
    #[error("No application with this client_id is registered in this environment.")]
    ClientUnknown,
    #[error("The parameter redirect_uri is missing or came twice.")]
    RedirectMissing,
    #[error(
        "The redirect_uri {0} is not registered. It must equal a registered one exactly: scheme, host, port, path and \
         trailing slash."
    )]
    RedirectUnknown(String),
    /// The application is told. Holds the address that carries the message.
    #[error("the application is told")]
    Refused(String),
}

/// An objection that the application is told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    error: &'static str,
    description: String,
}

impl Refusal {
    fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            error,
            description: description.into(),
        }
    }

    fn invalid_request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn login_required() -> Self {
        Self::new("login_required", "nobody is signed in")
    }

    pub(crate) fn denied() -> Self {
        Self::new("access_denied", "the person declined")
    }

    pub(crate) fn not_a_member(organization: Option<&Organization>) -> Self {
        let name = organization.map_or("the organization", |organization| organization.name);
        Self::new("access_denied", format!("the person is not a member of {name}"))
    }
}

impl AuthorizationRequest {
    /// Checks a request, first things first.
    pub(crate) fn parse(params: &Params, client: &Client) -> Result<Self, AuthorizeError> {
        if params.is_repeated("client_id") {
            return Err(AuthorizeError::ClientMissing);
        }
        let client_id = params.get("client_id").ok_or(AuthorizeError::ClientMissing)?;
        if client_id != client.id {
            return Err(AuthorizeError::ClientUnknown);
        }
        if params.is_repeated("redirect_uri") {
            return Err(AuthorizeError::RedirectMissing);
        }
        let redirect_uri = params
            .get("redirect_uri")
            .ok_or(AuthorizeError::RedirectMissing)?;
        if !client.may_redirect_to(redirect_uri) {
            return Err(AuthorizeError::RedirectUnknown(redirect_uri.to_owned()));
        }

        // Of two states neither can be trusted, so none is returned.
        let state = params.owned("state").filter(|_| !params.is_repeated("state"));
        let destination = Destination {
            redirect_uri,
            state: state.as_deref(),
        };
        Self::parse_rest(params, redirect_uri.to_owned(), state.clone())
            .map_err(|refusal| AuthorizeError::Refused(destination.refuse(&refusal)))
    }

    fn parse_rest(params: &Params, redirect_uri: String, state: Option<String>) -> Result<Self, Refusal> {
        if let Some(name) = params.repeated() {
            return Err(Refusal::invalid_request(format!(
                "the parameter {name} came more than once"
            )));
        }
        if params.get("request").is_some() {
            return Err(Refusal::new(
                "request_not_supported",
                "request objects are not supported here",
            ));
        }
        if params.get("request_uri").is_some() {
            return Err(Refusal::new(
                "request_uri_not_supported",
                "request_uri is not supported",
            ));
        }
        match params.get("response_type") {
            Some("code") => {}
            Some(other) => {
                let description = format!("response_type \"{other}\" is not supported, only \"code\"");
                return Err(Refusal::new("unsupported_response_type", description));
            }
            None => return Err(Refusal::invalid_request("response_type missing")),
        }
        if params.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(Refusal::invalid_request("response_mode must be \"query\""));
        }

        let scope = Scope::parse(
            params
                .get("scope")
                .ok_or_else(|| Refusal::invalid_request("scope missing"))?,
        );
        if !scope.contains("openid") {
            return Err(Refusal::new("invalid_scope", "scope must contain openid"));
        }
        let max_age = params
            .get("max_age")
            .map(|text| {
                text.parse::<u32>()
                    .map_err(|_| Refusal::invalid_request("max_age is not a number"))
            })
            .transpose()?;
        let (organization, way) = route(params)?;
        Ok(Self {
            redirect_uri,
            state,
            nonce: params.owned("nonce"),
            scope,
            code_challenge: code_challenge(params)?,
            login_hint: params.owned("login_hint"),
            prompt: params
                .get("prompt")
                .map(Prompt::parse)
                .transpose()?
                .unwrap_or_default(),
            max_age: max_age.map(i64::from),
            organization,
            way,
        })
    }

    /// Where the browser goes with an answer for the application.
    pub(crate) fn with_answer(&self, answer: &[(&str, &str)]) -> String {
        Destination {
            redirect_uri: &self.redirect_uri,
            state: self.state.as_deref(),
        }
        .with(answer)
    }

    /// Where the browser goes with an objection.
    pub(crate) fn refuse(&self, refusal: &Refusal) -> String {
        Destination {
            redirect_uri: &self.redirect_uri,
            state: self.state.as_deref(),
        }
        .refuse(refusal)
    }
}

struct Destination<'a> {
    redirect_uri: &'a str,
    state: Option<&'a str>,
}

impl Destination<'_> {
    fn with(&self, answer: &[(&str, &str)]) -> String {
        // Registered addresses were parsed at start, so the other branch is not reached.
        let Ok(mut url) = Url::parse(self.redirect_uri) else {
            return self.redirect_uri.to_owned();
        };
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(answer);
            if let Some(state) = self.state {
                query.append_pair("state", state);
            }
        }
        url.into()
    }

    fn refuse(&self, refusal: &Refusal) -> String {
        self.with(&[
            ("error", refusal.error),
            ("error_description", &refusal.description),
        ])
    }
}

/// RFC 7636 section 4.4.1, with S256 as the only method. PKCE itself is optional: Scalekit's Python SDK cannot send it.
fn code_challenge(params: &Params) -> Result<Option<String>, Refusal> {
    let Some(challenge) = params.get("code_challenge") else {
        return match params.get("code_challenge_method") {
            Some(_) => Err(Refusal::invalid_request("code_challenge missing")),
            None => Ok(None),
        };
    };
    // Without a method the standard's default is `plain`.
    if params.get("code_challenge_method") != Some("S256") {
        return Err(Refusal::invalid_request("code_challenge_method must be S256"));
    }
    let well_formed = challenge.len() == 43
        && challenge
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !well_formed {
        return Err(Refusal::invalid_request(
            "code_challenge is not a base64url SHA-256 hash",
        ));
    }
    Ok(Some(challenge.to_owned()))
}

/// Which organization and which connection: `connection_id`, then `organization_id`, then the domain.
fn route(params: &Params) -> Result<(Option<&'static Organization>, Way), Refusal> {
    let by_id = params
        .get("organization_id")
        .map(|id| {
            let unknown = || {
                Refusal::new(
                    "invalid_organization_id",
                    format!("there is no organization {id}"),
                )
            };
            people::organization(id).ok_or_else(unknown)
        })
        .transpose()?;

    if let Some(id) = params.get("connection_id") {
        let of_connection = people::organizations()
            .iter()
            .find(|organization| organization.connection_id == id)
            .ok_or_else(|| Refusal::new("invalid_connection_id", format!("there is no connection {id}")))?;
        if by_id.is_some_and(|organization| organization != of_connection) {
            let description = "connection_id belongs to another organization than organization_id";
            return Err(Refusal::new("invalid_connection_selector", description));
        }
        return Ok((Some(of_connection), Way::SingleSignOn(of_connection)));
    }

    let way = match params.get("provider") {
        None => Way::Code,
        Some(name) => SOCIAL
            .iter()
            .find(|social| social.name == name)
            .map(Way::Social)
            .ok_or_else(|| Refusal::invalid_request(format!("provider \"{name}\" is not known")))?,
    };
    // Python says `domain_hint`, the other SDKs say `domain` as well.
    let by_domain = params
        .get("domain_hint")
        .or(params.get("domain"))
        .and_then(|domain| {
            people::organizations()
                .iter()
                .find(|organization| organization.domain.eq_ignore_ascii_case(domain))
        });
    Ok((by_id.or(by_domain), way))
}
