//! Single sign-on connections.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    ApiId, ManagementError, Organization,
    shapes::{lenient, lenient_list},
};

/// A way to sign in through the organization's own identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Connection {
    /// `conn_…`
    pub id: String,
    /// `OKTA`, `GOOGLE`, …
    #[serde(default, deserialize_with = "lenient")]
    pub provider: String,
    /// `OIDC` or `SAML`.
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    pub protocol: String,
    /// Whether it is set up.
    #[serde(default, deserialize_with = "lenient")]
    pub status: ConnectionStatus,
    /// Whether it is in use.
    #[serde(default, deserialize_with = "lenient")]
    pub enabled: bool,
    /// Whose addresses lead to it.
    #[serde(default, deserialize_with = "lenient_list")]
    pub domains: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    organization_id: String,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConnectionStatus {
    /// Begun.
    Draft,
    /// Being set up.
    InProgress,
    /// Set up.
    Completed,
    /// Something that did not exist when this was written.
    #[default]
    #[serde(other)]
    Unknown,
}

impl Organization {
    /// Its connections. The list is the environment's, so what belongs to others is left out here as well.
    pub async fn connections(&self) -> Result<Vec<Connection>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient_list")]
            connections: Vec<Connection>,
        }
        let call = self.management.get(&["connections"]);
        let answer: Answer = call.query("organization_id", self.id.as_str()).read().await?;
        let own = |connection: &Connection| connection.organization_id == self.id.as_str();
        Ok(answer.connections.into_iter().filter(own).collect())
    }

    /// Switches a connection on or off.
    pub async fn switch_connection(&self, connection: &ApiId, on: bool) -> Result<(), ManagementError> {
        self.switch("connections", connection, on).await
    }

    /// `PATCH …/{id}:enable` or `:disable`.
    pub(super) async fn switch(&self, kind: &str, id: &ApiId, on: bool) -> Result<(), ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient")]
            enabled: bool,
        }
        let verb = format!("{id}:{}", if on { "enable" } else { "disable" });
        let segments = ["organizations", self.id.as_str(), kind, &verb];
        let call = self.management.call(Method::PATCH, &segments).body(&json!({}));
        // The API may answer 200 and say that it did not (`error_message`).
        match call.read::<Answer>().await? {
            Answer { enabled } if enabled == on => Ok(()),
            Answer { .. } => Err(ManagementError::Invalid { field: None }),
        }
    }
}
