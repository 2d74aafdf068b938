//! Signing out: here first, then at the provider (RP-Initiated Logout 1.0).

use tower_sessions::session::Id;
use url::Url;

use crate::{client::Client, refresh::Sessions, session::SessionCookie, store::StoreError};

/// Ends the session `id` and says where to send the browser to end the provider's session as well; `None` if nobody was
/// signed in, or the provider is unknown right now or offers no logout.
///
/// The session is gone even if the provider is down: who asks to be signed out, is. A refresh that is under way finds no
/// record to write to. The refresh token is given back (RFC 9700 §4.14), whether or not the browser follows.
pub async fn sign_out(
    client: &Client,
    sessions: &Sessions,
    id: Option<Id>,
    cookie: &SessionCookie,
) -> Result<Option<Url>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    let ended = sessions.end(id).await?;
    cookie.forget();
    let Some(signed_in) = ended else {
        return Ok(None);
    };
    tracing::info!(user.id = %signed_in.user.sub, "signed out");
    Ok(client.logout_url(Some(&signed_in.tokens.id_token)))
}
