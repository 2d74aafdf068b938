//! Signing out: here first, then at the provider (RP-Initiated Logout 1.0).

use tower_sessions::Session;
use url::Url;

use crate::{
    client::Client,
    session::{SessionError, SignedIn},
};

/// Ends `session` and says where to send the browser to end the provider's session as well; `None` if nobody was
/// signed in, or the provider is unknown right now or offers no logout.
///
/// The session is gone even if the provider is down: who asks to be signed out, is.
pub async fn sign_out(client: &Client, session: &Session) -> Result<Option<Url>, SessionError> {
    // The ID token is needed after the session is gone. A record that cannot be read must not keep anybody signed in.
    let signed_in = match SignedIn::load(session).await {
        Ok(signed_in) => signed_in,
        Err(error) => {
            tracing::warn!(%error, "signing out of a session that cannot be read");
            None
        }
    };
    session.flush().await?;
    let Some(signed_in) = signed_in else {
        return Ok(None);
    };
    tracing::info!(user.id = %signed_in.user.sub, "signed out");
    Ok(client.logout_url(Some(&signed_in.tokens.id_token)))
}
