//! What concerns one person across organizations: their memberships, and their sessions at the provider.

use http::Method;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

use super::{
    ApiId, Management, ManagementError, RoleName,
    shapes::{lenient, lenient_list, moment},
};
use crate::session::SignedIn;

/// A person's place in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Membership {
    /// `org_…`
    pub organization_id: String,
    /// What the organization is called.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: String,
    /// What the person is there.
    #[serde(default, deserialize_with = "lenient_list")]
    pub roles: Vec<RoleName>,
}

/// A session with the provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProviderSession {
    /// `ses_…`, the `sid` claim.
    pub session_id: String,
    #[serde(default, deserialize_with = "lenient")]
    device: Device,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Device {
    #[serde(default, deserialize_with = "lenient")]
    ip: String,
    #[serde(default, deserialize_with = "lenient")]
    location: Option<String>,
}

impl ProviderSession {
    /// The address that the provider saw the browser at.
    pub fn address(&self) -> Option<&str> {
        Some(self.device.ip.as_str()).filter(|address| !address.is_empty())
    }

    /// Where the provider thinks that is.
    pub fn location(&self) -> Option<&str> {
        self.device
            .location
            .as_deref()
            .filter(|location| !location.is_empty())
    }
}

impl Management {
    /// The organizations that the person of `session` is in.
    pub async fn memberships(&self, session: &SignedIn) -> Result<Vec<Membership>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            user: User,
        }
        #[derive(Deserialize)]
        struct User {
            #[serde(default, deserialize_with = "lenient_list")]
            memberships: Vec<Membership>,
        }
        let user = person(session)?;
        let answer = self.get(&["users", user.as_str()]).read::<Answer>().await?;
        Ok(answer.user.memberships)
    }

    /// The sessions that the person of `session` has with the provider, on all devices.
    pub async fn provider_sessions(
        &self,
        session: &SignedIn,
    ) -> Result<Vec<ProviderSession>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient_list")]
            sessions: Vec<ProviderSession>,
        }
        let user = person(session)?;
        let call = self
            .get(&["users", user.as_str(), "sessions"])
            .query("page_size", "100");
        let answer = call.query("filter.status", "active").read::<Answer>().await?;
        Ok(answer.sessions)
    }

    /// When the session `sid` with the provider began: at the person's sign-in there.
    pub async fn session_began(&self, sid: &ApiId) -> Result<Option<OffsetDateTime>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "moment")]
            created_at: Option<OffsetDateTime>,
        }
        let call = self.get(&["sessions", sid.as_str()]);
        call.read::<Answer>().await.map(|answer| answer.created_at)
    }

    /// Ends a session with the provider: its refresh tokens work no more. One that is gone already is as good.
    pub async fn revoke_session(&self, sid: &ApiId) -> Result<(), ManagementError> {
        let segments = ["sessions", sid.as_str(), "revoke"];
        let call = self.call(Method::POST, &segments).body(&json!({}));
        match call.done().await {
            Err(ManagementError::NotFound) => Ok(()),
            outcome => outcome,
        }
    }
}

/// A subject that is no identifier belongs to another kind of provider, which knows nobody by that name here.
fn person(session: &SignedIn) -> Result<ApiId, ManagementError> {
    ApiId::parse(&session.user.sub).map_err(|_| ManagementError::NotFound)
}
