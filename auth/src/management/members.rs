//! The people of an organization.

use std::collections::HashMap;

use http::Method;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::{
    ApiId, Listing, ManagementError, Organization, RoleName,
    shapes::{Position, lenient, lenient_list, moment},
};

/// How many a page of the list has.
const PAGE_SIZE: &str = "10";
/// Scalekit's permission to change roles.
const ROLE_CHANGE: &str = "sk_org_users_role_change";
/// How many are looked through for those who administer.
const LARGEST_PAGE: &str = "100";

/// Who can grant what in an organization is asked for at most once in this time.
const KEPT: time::Duration = time::Duration::minutes(1);
const MOST_KEPT: usize = 1_000;

/// Who can grant what, by organization and permission, and until when that is believed. Held while it is asked for, so
/// that everybody else waits for that.
#[derive(Debug, Default)]
pub(super) struct Administrators(Mutex<HashMap<(String, String), Known>>);

/// Until when it is believed, and who they are.
type Known = (OffsetDateTime, Vec<Member>);

/// Somebody in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// `usr_…`
    pub id: String,
    /// Their address.
    pub email: String,
    /// What to call them; the address where there is no name.
    pub name: String,
    /// What they are there.
    pub roles: Vec<RoleName>,
    /// Whether they have accepted.
    pub status: MemberStatus,
    /// When they joined, or were invited.
    pub since: Option<OffsetDateTime>,
    /// When they last signed in.
    pub last_sign_in_at: Option<OffsetDateTime>,
}

/// How far a membership has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberStatus {
    /// In use.
    Active,
    /// Switched off.
    Inactive,
    /// Invited.
    PendingInvite,
    /// Invited too long ago.
    InviteExpired,
    /// Something that did not exist when this was written.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Which part of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MembersQuery {
    /// In names and addresses; 3 to 100 characters, or empty for everybody.
    pub text: String,
    /// From the list's last answer.
    pub page_token: Option<String>,
}

/// Somebody who is to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation<'a> {
    /// Where the invitation goes.
    pub email: &'a str,
    /// As what.
    pub role: &'a str,
    /// Who invites.
    pub inviter_email: Option<&'a str>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default, deserialize_with = "lenient_list")]
    users: Vec<Shape>,
    #[serde(flatten)]
    position: Position,
}

#[derive(Deserialize)]
struct Shape {
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    email: String,
    #[serde(default, deserialize_with = "lenient_list")]
    memberships: Vec<MembershipShape>,
    #[serde(default, deserialize_with = "lenient")]
    user_profile: ProfileShape,
    #[serde(default, deserialize_with = "moment")]
    last_login_time: Option<OffsetDateTime>,
}

#[derive(Default, Deserialize)]
struct ProfileShape {
    #[serde(default, deserialize_with = "lenient")]
    name: String,
    #[serde(default, deserialize_with = "lenient")]
    given_name: String,
    #[serde(default, deserialize_with = "lenient")]
    family_name: String,
}

#[derive(Deserialize)]
struct MembershipShape {
    #[serde(default, deserialize_with = "lenient")]
    organization_id: String,
    #[serde(default, deserialize_with = "lenient")]
    membership_status: MemberStatus,
    #[serde(default, deserialize_with = "lenient_list")]
    roles: Vec<RoleName>,
    #[serde(default, deserialize_with = "moment")]
    join_time: Option<OffsetDateTime>,
}

impl Member {
    /// Somebody as a member of `organization`; `None` if they are in others only.
    fn new(shape: Shape, organization: &ApiId) -> Option<Self> {
        let mut memberships = shape.memberships.into_iter();
        let membership = memberships.find(|it| it.organization_id == organization.as_str())?;
        let profile = shape.user_profile;
        let full = format!("{} {}", profile.given_name, profile.family_name);
        let mut names = [profile.name, full, shape.email.clone()].into_iter();
        let name = names.find(|name| !name.trim().is_empty()).unwrap_or_default();
        Some(Self {
            id: shape.id,
            email: shape.email,
            name: name.trim().to_owned(),
            roles: membership.roles,
            status: membership.membership_status,
            since: membership.join_time,
            last_sign_in_at: shape.last_login_time,
        })
    }
}

impl Organization {
    /// A page of its people.
    pub async fn members(&self, query: &MembersQuery) -> Result<Listing<Member>, ManagementError> {
        self.some_members(query, PAGE_SIZE).await
    }

    async fn some_members(
        &self,
        query: &MembersQuery,
        page_size: &'static str,
    ) -> Result<Listing<Member>, ManagementError> {
        let text = query.text.trim();
        let list = if text.is_empty() { "users" } else { "users:search" };
        let segments = ["organizations", self.id.as_str(), list];
        let mut call = self.management.get(&segments).query("page_size", page_size);
        if !text.is_empty() {
            call = call.query("query", text);
        }
        if let Some(token) = &query.page_token {
            call = call.query("page_token", token.as_str());
        }
        let answer: Answer = call.read().await?;
        let members = answer.users.into_iter();
        let members = members.filter_map(|shape| Member::new(shape, &self.id));
        Ok(answer.position.of(members.collect()))
    }

    /// Those who can grant permissions, by changing roles; where no role allows that, those who have `permission`. Among
    /// the first hundred members.
    ///
    /// Kept for a minute: everybody who lacks a permission asks, as often as they like.
    pub async fn administrators(&self, permission: &str) -> Result<Vec<Member>, ManagementError> {
        let kept = &self.management.administrators;
        let now = self.management.client.surroundings.now();
        let key = (self.id.to_string(), permission.to_owned());
        let mut kept = kept.0.lock().await;
        if let Some((_, members)) = kept.get(&key).filter(|(until, _)| *until > now) {
            return Ok(members.clone());
        }
        let found = self.find_administrators(permission).await?;
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, (now.saturating_add(KEPT), found.clone()));
        Ok(found)
    }

    async fn find_administrators(&self, permission: &str) -> Result<Vec<Member>, ManagementError> {
        let everybody = MembersQuery::default();
        let (roles, members) = tokio::try_join!(self.roles(), self.some_members(&everybody, LARGEST_PAGE))?;
        let active = members
            .items
            .into_iter()
            .filter(|it| it.status == MemberStatus::Active);
        let active: Vec<_> = active.collect();
        let with = |wanted: &str| -> Vec<Member> {
            let brings = |name: &RoleName| {
                super::roles::effective_permissions(&roles, &name.name).any(|granted| granted == wanted)
            };
            let has = |member: &&Member| member.roles.iter().any(brings);
            active.iter().filter(has).cloned().collect()
        };
        let administrators = with(ROLE_CHANGE);
        if administrators.is_empty() {
            return Ok(with(permission));
        }
        Ok(administrators)
    }

    /// Invites somebody, who gets an e-mail.
    pub async fn invite(&self, invitation: &Invitation<'_>) -> Result<(), ManagementError> {
        let segments = ["organizations", self.id.as_str(), "users"];
        let call = self.management.call(Method::POST, &segments);
        let mut membership = json!({ "roles": [{ "name": invitation.role }] });
        if let (Some(inviter), Some(membership)) = (invitation.inviter_email, membership.as_object_mut()) {
            membership.insert("inviter_email".to_owned(), inviter.into());
        }
        call.query("send_invitation_email", "true")
            .body(&json!({ "email": invitation.email, "membership": membership }))
            .done()
            .await
    }

    /// Sends an invitation again.
    pub async fn resend_invitation(&self, member: &ApiId) -> Result<(), ManagementError> {
        let segments = [
            "invites",
            "organizations",
            self.id.as_str(),
            "users",
            member.as_str(),
            "resend",
        ];
        self.management
            .call(Method::PATCH, &segments)
            .body(&json!({}))
            .done()
            .await
    }

    /// Gives a member this role in place of the ones they have. Their tokens say so from the next refresh on.
    pub async fn set_role(&self, member: &ApiId, role: &str) -> Result<(), ManagementError> {
        let segments = self.membership(member);
        self.management
            .call(Method::PATCH, &segments)
            .body(&json!({ "roles": [{ "name": role }] }))
            .done()
            .await
    }

    /// Takes a member out of the organization.
    pub async fn remove(&self, member: &ApiId) -> Result<(), ManagementError> {
        let segments = self.membership(member);
        self.management.call(Method::DELETE, &segments).done().await
    }

    fn membership<'a>(&'a self, member: &'a ApiId) -> [&'a str; 5] {
        [
            "memberships",
            "organizations",
            self.id.as_str(),
            "users",
            member.as_str(),
        ]
    }
}
