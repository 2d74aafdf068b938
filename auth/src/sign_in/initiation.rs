//! Sign-ins that begin somewhere else: at an identity provider's portal (Scalekit's `idp_initiated_login`, W24), at the
//! provider itself (OpenID Connect Core §4), or at a bookmark of the provider's page.

use url::Url;

use super::{Failure, Parameters, SignInError, begin_with};
use crate::{
    client::{Client, Hints, NotDiscovered},
    local_path::LocalPath,
    transaction::Transactions,
};

/// Longer than any note.
const TOKEN_MAX_LEN: usize = 8192;

/// Where such a sign-in goes on.
#[derive(Debug)]
pub enum Initiated {
    /// At the provider.
    Provider(Url),
    /// At the sign-in page, with a click: nobody said who sends the person, and a redirect might come back here at once.
    SignInPage,
}

/// Begins a sign-in that was initiated elsewhere. `query` is the raw query string of `/auth/initiate`.
///
/// Whatever it says only helps to begin an ordinary sign-in, with `state` and nonce of its own. In particular
/// `relay_state` never becomes the `state`: that would let a stranger choose it (login CSRF).
pub async fn initiate(
    client: &Client,
    transactions: &Transactions<'_>,
    query: &str,
) -> Result<Initiated, Failure> {
    let parameters = Parameters::parse(query);
    let undiscovered = |error: NotDiscovered| Failure {
        is_repeatable: true,
        ..Failure::from(error)
    };
    if let Some(token) = parameters.one("idp_initiated_login")? {
        if token.is_empty() || token.len() > TOKEN_MAX_LEN {
            return Err(SignInError::Parameter("idp_initiated_login").into());
        }
        client.provider().map_err(undiscovered)?;
        let initiation = client.verify_initiation(token).await?;
        let next = LocalPath::parse_or_dashboard(initiation.relay_state.as_deref());
        let url = begin_with(client, transactions, next, &initiation.hints).await?;
        return Ok(Initiated::Provider(url));
    }
    // Core §4: `iss` is required, and tells providers apart. We have one.
    let Some(issuer) = parameters.one("iss")? else {
        return Ok(Initiated::SignInPage);
    };
    let provider = client.provider().map_err(undiscovered)?;
    if issuer != provider.issuer() {
        return Err(SignInError::Parameter("iss").into());
    }
    // "The Client MUST verify the value of the target_link_uri": it is a path here, or the dashboard.
    let target = parameters.one("target_link_uri")?;
    let origin = client.settings().public_origin.as_str();
    let target = target.map(|target| target.strip_prefix(origin).unwrap_or(target));
    let next = LocalPath::parse_or_dashboard(target);
    let hints = Hints {
        login_hint: parameters.hints()?.login_hint,
        ..Hints::default()
    };
    let url = begin_with(client, transactions, next, &hints).await?;
    Ok(Initiated::Provider(url))
}
