//! The domains of an organization's people.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    ApiId, ManagementError, Organization,
    shapes::{lenient, lenient_list},
};

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Domain {
    /// `dom_…`
    pub id: String,
    /// Such as `acme.example`.
    #[serde(default, rename = "domain", deserialize_with = "lenient")]
    pub name: String,
    /// `ORGANIZATION_DOMAIN`: its people have addresses there. `ALLOWED_EMAIL_DOMAIN`: so may others who join.
    #[serde(default, rename = "domain_type", deserialize_with = "lenient")]
    pub kind: String,
    /// Whether the organization has proved that it owns it.
    #[serde(default, rename = "verification_status", deserialize_with = "lenient")]
    pub status: DomainStatus,
}

/// How far the proof of ownership has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DomainStatus {
    /// Not proved so far.
    Pending,
    /// Proved.
    Verified,
    /// No proof was found.
    Failed,
    /// Vouched for by an administrator of the environment.
    AutoVerified,
    /// Something that did not exist when this was written.
    #[default]
    #[serde(other)]
    Unknown,
}

impl Organization {
    /// Its domains.
    pub async fn domains(&self) -> Result<Vec<Domain>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient_list")]
            domains: Vec<Domain>,
        }
        let segments = ["organizations", self.id.as_str(), "domains"];
        let answer = self.management.get(&segments).read::<Answer>().await?;
        Ok(answer.domains)
    }

    /// Adds a domain, which then is to be verified.
    pub async fn add_domain(&self, name: &str) -> Result<(), ManagementError> {
        let segments = ["organizations", self.id.as_str(), "domains"];
        self.management
            .call(Method::POST, &segments)
            .body(&json!({ "domain": name, "domain_type": "ORGANIZATION_DOMAIN" }))
            .done()
            .await
    }

    /// Removes a domain.
    pub async fn remove_domain(&self, domain: &ApiId) -> Result<(), ManagementError> {
        let segments = ["organizations", self.id.as_str(), "domains", domain.as_str()];
        self.management.call(Method::DELETE, &segments).done().await
    }
}
