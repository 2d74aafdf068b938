//! An organization's profile, its features, and the way into the admin portal.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;
use url::Url;

use super::{
    ManagementError, Organization,
    shapes::{lenient, lenient_list, moment},
};

/// What an organization is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Profile {
    /// For people.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: String,
    /// For addresses.
    #[serde(default, deserialize_with = "lenient")]
    pub slug: String,
    /// In this application's own books.
    #[serde(default, deserialize_with = "lenient")]
    pub external_id: String,
    /// Where its data is: `US` or `EU`.
    #[serde(default, rename = "region_code", deserialize_with = "lenient")]
    pub region: String,
    /// An https address.
    #[serde(default, deserialize_with = "lenient")]
    pub logo_url: String,
    /// What is switched on and off.
    #[serde(default, rename = "settings", deserialize_with = "features")]
    pub features: Vec<Feature>,
    /// When it was created.
    #[serde(default, rename = "create_time", deserialize_with = "moment")]
    pub created_at: Option<OffsetDateTime>,
}

/// Something that an organization may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// `sso`, `dir_sync`, `domain_verification`, `session_policy`.
    pub name: String,
    /// Whether it does.
    #[serde(default, deserialize_with = "lenient")]
    pub enabled: bool,
}

fn features<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Feature>, D::Error> {
    #[derive(Default, Deserialize)]
    struct Settings {
        #[serde(default, deserialize_with = "lenient_list")]
        features: Vec<Feature>,
    }
    lenient::<_, Settings>(deserializer).map(|settings| settings.features)
}

/// A profile as it is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileChange {
    /// For people.
    pub display_name: String,
    /// For addresses. What is empty stays as it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub slug: String,
    /// In this application's own books.
    pub external_id: String,
    /// An https address, or empty.
    pub logo_url: String,
}

/// A way into the admin portal. It works once, for a minute, and is never kept.
#[derive(Debug, Clone)]
pub struct PortalLink {
    /// Where it leads.
    pub location: Url,
}

#[derive(Deserialize)]
struct Answer {
    organization: Profile,
}

impl Organization {
    /// What it is called.
    pub async fn profile(&self) -> Result<Profile, ManagementError> {
        let call = self.management.get(&["organizations", self.id.as_str()]);
        call.read::<Answer>().await.map(|answer| answer.organization)
    }

    /// Calls it something else.
    pub async fn update_profile(&self, change: &ProfileChange) -> Result<(), ManagementError> {
        let segments = ["organizations", self.id.as_str()];
        self.management
            .call(Method::PATCH, &segments)
            .body(change)
            .done()
            .await
    }

    /// Switches a feature on or off.
    pub async fn set_feature(&self, feature: &Feature) -> Result<(), ManagementError> {
        let segments = ["organizations", self.id.as_str(), "settings"];
        self.management
            .call(Method::PATCH, &segments)
            .body(&json!({ "features": [feature] }))
            .done()
            .await
    }

    /// A fresh link to the admin portal, which shows single sign-on and directory sync.
    pub async fn portal_link(&self) -> Result<PortalLink, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            link: Link,
        }
        #[derive(Deserialize)]
        struct Link {
            location: String,
        }
        let segments = ["organizations", self.id.as_str(), "portal_links"];
        let call = self.management.call(Method::PUT, &segments);
        let call = call.query("features", "sso").query("features", "dir_sync");
        let location = call.read::<Answer>().await?.link.location;
        // The browser is sent there: nowhere that is not as safe as the provider itself.
        let url = Url::parse(&location).ok().filter(crate::config::is_secure);
        url.map(|location| PortalLink { location })
            .ok_or_else(|| ManagementError::Malformed("portal link".to_owned()))
    }
}
