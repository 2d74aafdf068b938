//! The sections of the organization's settings: what each shows, and loading it. Each loads on its own, so that one that
//! is slow or broken leaves the others alone.

use std::time::Duration;

use auth::{
    guard::Refusal,
    management::{
        ApiId, Connection, Directory, DirectoryGroup, DirectoryUser, Domain, Listing, ManagementError,
        Member, MembersQuery, Organization, Profile, Role, SessionPolicy,
    },
    vault::OpenSession,
};
use time::OffsetDateTime;
use tokio::time::timeout;
use url::form_urlencoded;

use super::administrator::tell;
use crate::{context::Services, routes};

/// How long the page of all sections waits for them. What takes longer comes later, by itself or by a link.
const PATIENCE: Duration = Duration::from_millis(400);
/// What the query of that page says when it is to wait for everything.
const WAIT: &str = "wait";

/// What a section has to show.
#[derive(Debug, Clone)]
pub enum Loaded<T> {
    /// It is here.
    Ready(T),
    /// It takes its time.
    Pending,
    /// The person may not see it: these permissions are missing.
    Forbidden(Vec<&'static str>),
    /// It cannot be had.
    Failed(Failure),
}

/// Why a section cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It passes.
    Passing,
    /// An operator must act.
    NotLetIn,
    /// The provider has no such thing.
    NotOffered,
}

/// What the people of an organization are listed with.
#[derive(Debug, Clone)]
pub struct Members {
    /// One page of them.
    pub listing: Listing<Member>,
    /// What they were looked for with.
    pub query: MembersQuery,
    /// What they may be.
    pub roles: Vec<Role>,
}

/// A directory, with a look into it.
#[derive(Debug, Clone)]
pub struct DirectoryView {
    /// The directory.
    pub directory: Directory,
    /// Its first people, if they can be had.
    pub users: Option<Listing<DirectoryUser>>,
    /// Its first groups, if they can be had.
    pub groups: Option<Listing<DirectoryGroup>>,
}

/// All sections of a page; `None` for those that are on another page.
#[derive(Debug, Clone, Default)]
pub struct Sections {
    /// What the organization is called, and its features.
    pub profile: Option<Loaded<Profile>>,
    /// Its people.
    pub members: Option<Loaded<Members>>,
    /// What they may be.
    pub roles: Option<Loaded<Vec<Role>>>,
    /// How they sign in.
    pub connections: Option<Loaded<Vec<Connection>>>,
    /// Where they are synchronized from.
    pub directories: Option<Loaded<Vec<DirectoryView>>>,
    /// Where their addresses are.
    pub domains: Option<Loaded<Vec<Domain>>>,
    /// How long they stay signed in.
    pub policy: Option<Loaded<SessionPolicy>>,
}

/// Whether `path` is a page of settings.
pub fn has_sections(path: &str) -> bool {
    path.strip_prefix(routes::SETTINGS)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        && routes::PAGES.iter().any(|(page, _)| *page == path)
}

/// Loads what the page at `path` shows to `session`. `None` if it is signed in to no organization.
pub async fn load(
    services: &Services,
    session: &OpenSession,
    path: &str,
    query: Option<&str>,
) -> Option<Sections> {
    let organization = services.management.organization(&session.signed_in)?;
    let query = Query::parse(query.unwrap_or_default());
    let loader = Loader {
        session,
        now: services.surroundings.now(),
        path,
        patience: (path == routes::SETTINGS && !query.waits).then_some(PATIENCE),
    };
    let (profile, members, roles, connections, directories, domains, policy) = tokio::join!(
        loader.load(routes::PROFILE, organization.profile()),
        loader.load(routes::MEMBERS, members(&organization, query.members)),
        loader.load(routes::ROLES, organization.roles()),
        loader.load(routes::SINGLE_SIGN_ON, organization.connections()),
        loader.load(routes::DIRECTORIES, directories(&organization)),
        loader.load(routes::DOMAINS, organization.domains()),
        loader.load(routes::SESSION_POLICY, organization.session_policy()),
    );
    Some(Sections {
        profile,
        members,
        roles,
        connections,
        directories,
        domains,
        policy,
    })
}

struct Loader<'a> {
    session: &'a OpenSession,
    now: OffsetDateTime,
    path: &'a str,
    patience: Option<Duration>,
}

impl Loader<'_> {
    /// What the section whose own page is `section` has to show; `None` if this page does not have it.
    async fn load<T>(
        &self,
        section: &str,
        loading: impl Future<Output = Result<T, ManagementError>>,
    ) -> Option<Loaded<T>> {
        if self.path != routes::SETTINGS && self.path != section {
            return None;
        }
        let access = auth::guard::Access::from(routes::demand(section));
        match access.check(Some(&self.session.signed_in), self.now) {
            Ok(()) => {}
            Err(Refusal::Forbidden(missing)) => return Some(Loaded::Forbidden(missing)),
            // The guard lets nobody come here like that.
            Err(Refusal::NotSignedIn | Refusal::NotRecent) => return Some(Loaded::Forbidden(Vec::new())),
        }
        let outcome = match self.patience {
            Some(patience) => match timeout(patience, loading).await {
                Ok(outcome) => outcome,
                Err(_) => return Some(Loaded::Pending),
            },
            None => loading.await,
        };
        Some(match outcome {
            Ok(loaded) => Loaded::Ready(loaded),
            Err(error) => {
                tell(&error);
                Loaded::Failed(Failure::from(&error))
            }
        })
    }
}

impl From<&ManagementError> for Failure {
    fn from(error: &ManagementError) -> Self {
        match error {
            ManagementError::Credentials | ManagementError::Denied => Self::NotLetIn,
            ManagementError::NotFound => Self::NotOffered,
            _ => Self::Passing,
        }
    }
}

async fn members(organization: &Organization, query: MembersQuery) -> Result<Members, ManagementError> {
    let (listing, roles) = tokio::try_join!(organization.members(&query), organization.roles())?;
    Ok(Members {
        listing,
        query,
        roles,
    })
}

async fn directories(organization: &Organization) -> Result<Vec<DirectoryView>, ManagementError> {
    let mut views = Vec::new();
    for directory in organization.directories().await? {
        let id = ApiId::parse(&directory.id);
        let (users, groups) = match &id {
            Ok(id) => tokio::join!(async { organization.directory_users(id).await.ok() }, async {
                organization.directory_groups(id).await.ok()
            },),
            Err(_) => (None, None),
        };
        views.push(DirectoryView {
            directory,
            users,
            groups,
        });
    }
    Ok(views)
}

/// `?query=ada&page_token=…&wait`
struct Query {
    members: MembersQuery,
    waits: bool,
}

impl Query {
    /// The API takes 3 to 100 characters; what is shorter finds everybody.
    const SHORTEST: usize = 3;
    const LONGEST: usize = 100;

    fn parse(query: &str) -> Self {
        let mut members = MembersQuery::default();
        let mut waits = false;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "query" => members.text = value.trim().chars().take(Self::LONGEST).collect(),
                "page_token" if (1..=512).contains(&value.len()) => {
                    members.page_token = Some(value.into_owned());
                }
                WAIT => waits = true,
                _ => {}
            }
        }
        if members.text.chars().count() < Self::SHORTEST {
            members.text.clear();
        }
        Self { members, waits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_their_sections_are_loaded_and_actions_are_not() {
        assert!(has_sections("/organization/settings"));
        assert!(has_sections("/organization/settings/members"));
        assert!(!has_sections("/organization/settings/invite-member"));
        assert!(!has_sections("/organization/settingsx"));
        assert!(!has_sections("/dashboard"));
    }

    #[test]
    fn a_search_has_three_to_a_hundred_characters() {
        let text = |query: &str| Query::parse(query).members.text;
        assert_eq!(text("query=+ada+"), "ada");
        assert_eq!(text("query=ad"), "");
        assert_eq!(text(&format!("query={}", "ä".repeat(200))).chars().count(), 100);
        assert!(Query::parse("wait").waits);
        assert_eq!(Query::parse("page_token=").members.page_token, None);
    }
}
