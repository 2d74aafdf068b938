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
    // The ID token is needed after the session is gone. A record that cannot be read must not keep anybody signed in.
    let session = match sessions.vault().open(id).await {
        Ok(session) => session.ok(),
        Err(error) => {
            tracing::warn!(%error, "signing out of a session that cannot be read");
            None
        }
    };
    sessions.vault().end(id).await?;
    cookie.forget();
    let Some(session) = session else {
        return Ok(None);
    };
    let signed_in = session.signed_in;
    tracing::info!(user.id = %signed_in.user.sub, "signed out");
    if let Some(refresh_token) = signed_in.tokens.refresh_token {
        sessions.revoke(refresh_token);
    }
    Ok(client.logout_url(Some(&signed_in.tokens.id_token)))
}
