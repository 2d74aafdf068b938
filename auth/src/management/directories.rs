//! Directories that people and groups are synchronized from (SCIM).

use serde::Deserialize;
use time::OffsetDateTime;

use super::{
    ApiId, Listing, ManagementError, Organization,
    shapes::{Position, lenient, lenient_list, moment},
};

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Directory {
    /// `dir_…`
    pub id: String,
    /// For people.
    #[serde(default, deserialize_with = "lenient")]
    pub name: String,
    /// `OKTA`, …
    #[serde(default, rename = "directory_provider", deserialize_with = "lenient")]
    pub provider: String,
    /// Whether it is in use.
    #[serde(default, deserialize_with = "lenient")]
    pub enabled: bool,
    /// When it was last read.
    #[serde(default, deserialize_with = "moment")]
    pub last_synced_at: Option<OffsetDateTime>,
    /// How many people it has.
    #[serde(default, deserialize_with = "lenient")]
    pub total_users: u64,
    /// How many groups it has.
    #[serde(default, deserialize_with = "lenient")]
    pub total_groups: u64,
}

/// Somebody in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DirectoryUser {
    /// Their address.
    #[serde(default, deserialize_with = "lenient")]
    pub email: String,
    /// First name.
    #[serde(default, deserialize_with = "lenient")]
    pub given_name: String,
    /// Last name.
    #[serde(default, deserialize_with = "lenient")]
    pub family_name: String,
}

/// A group in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DirectoryGroup {
    /// Its name.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: String,
    /// How many people it has.
    #[serde(default, deserialize_with = "lenient")]
    pub total_users: u64,
}

impl Organization {
    /// Its directories.
    pub async fn directories(&self) -> Result<Vec<Directory>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient_list")]
            directories: Vec<Directory>,
        }
        let segments = ["organizations", self.id.as_str(), "directories"];
        let answer = self.management.get(&segments).read::<Answer>().await?;
        Ok(answer.directories)
    }

    /// The first people of a directory.
    pub async fn directory_users(
        &self,
        directory: &ApiId,
    ) -> Result<Listing<DirectoryUser>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient_list")]
            users: Vec<DirectoryUser>,
            #[serde(flatten)]
            position: Position,
        }
        let segments = self.of_directory(directory, "users");
        let answer = self.management.get(&segments).read::<Answer>().await?;
        Ok(answer.position.of(answer.users))
    }

    /// The first groups of a directory.
    pub async fn directory_groups(
        &self,
        directory: &ApiId,
    ) -> Result<Listing<DirectoryGroup>, ManagementError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient_list")]
            groups: Vec<DirectoryGroup>,
            #[serde(flatten)]
            position: Position,
        }
        let segments = self.of_directory(directory, "groups");
        let answer = self.management.get(&segments).read::<Answer>().await?;
        Ok(answer.position.of(answer.groups))
    }

    /// Switches synchronization on or off.
    pub async fn switch_directory(&self, directory: &ApiId, on: bool) -> Result<(), ManagementError> {
        self.switch("directories", directory, on).await
    }

    fn of_directory<'a>(&'a self, directory: &'a ApiId, what: &'a str) -> [&'a str; 5] {
        [
            "organizations",
            self.id.as_str(),
            "directories",
            directory.as_str(),
            what,
        ]
    }
}
