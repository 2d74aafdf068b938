//! Who can sign in: the organizations, roles and ready-made people of this environment.

use std::{borrow::Cow, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::random;

/// What a member may do in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the organization.
    Admin,
    /// Looks after its people, and works in it.
    Manager,
    /// Works in it.
    Member,
}

impl Role {
    /// All of them, the most powerful first.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Manager, Self::Member];

    /// The role with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The name as it stands in the `roles` claim.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Member => "member",
        }
    }

    /// The permissions that the role brings, inherited ones included, as they stand in the `permissions` claim.
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Admin => &[
                "organization:settings",
                "members:manage",
                "sk_org_settings_read",
                "sk_org_settings_manage",
                "sk_org_users_read",
                "sk_org_users_invite",
                "sk_org_users_delete",
                "sk_org_users_role_change",
                "sk_org_sso_read",
                "sk_org_sso_manage",
                "sk_org_scim_read",
                "sk_org_scim_manage",
                "sk_org_session_policy_read",
                "sk_org_session_policy_manage",
                "workspace_data:read",
                "workspace_data:write",
            ],
            Self::Manager => &[
                "organization:settings",
                "sk_org_settings_read",
                "sk_org_users_read",
                "sk_org_users_invite",
                "workspace_data:read",
            ],
            Self::Member => &["workspace_data:read"],
        }
    }

    /// The role that it builds on.
    pub(crate) fn extends(self) -> Option<Self> {
        match self {
            Self::Admin => Some(Self::Manager),
            Self::Manager => Some(Self::Member),
            Self::Member => None,
        }
    }

    /// The permissions that it has of its own.
    pub(crate) fn own_permissions(self) -> impl Iterator<Item = &'static str> {
        let inherited = self.extends().map_or(&[] as &[_], Self::permissions);
        let own = self.permissions().iter().copied();
        own.filter(move |permission| !inherited.contains(permission))
    }

    /// What people call it.
    pub(crate) fn display_name(self) -> &'static str {
        match self {
            Self::Admin => "Administrator",
            Self::Manager => "Manager",
            Self::Member => "Member",
        }
    }

    /// What it is for.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Admin => "Runs the organization: its profile, people, sign-in and policies",
            Self::Manager => "Sees the organization's settings and invites people",
            Self::Member => "Reads the workspace's data",
        }
    }
}

/// A customer of the application.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Organization {
    /// `org_…`
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The domain of its people's addresses; a `domain_hint` of it leads to this organization.
    pub domain: &'static str,
    /// `conn_…`: its simulated single sign-on connection.
    pub connection_id: &'static str,
}

static ORGANIZATIONS: [Organization; 2] = [
    Organization {
        id: "org_59615193906282635",
        name: "Acme Corp",
        domain: "acme.example",
        connection_id: "conn_59615210314400908",
    },
    Organization {
        id: "org_61022748190511244",
        name: "Globex",
        domain: "globex.example",
        connection_id: "conn_61022755036856460",
    },
];

/// The organizations of this environment.
pub fn organizations() -> &'static [Organization] {
    &ORGANIZATIONS
}

/// The organization with this id.
pub(crate) fn organization(id: &str) -> Option<&'static Organization> {
    ORGANIZATIONS.iter().find(|organization| organization.id == id)
}

/// A person's place in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// Where.
    pub organization: &'static Organization,
    /// As what.
    pub role: Role,
    /// Whether they have accepted.
    pub status: MembershipStatus,
    /// When it began, or the invitation was sent; seconds since 1970.
    pub since: i64,
    /// How often the invitation has been sent again.
    pub resent: u32,
}

/// How far a membership has come, in the words of the management API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MembershipStatus {
    /// In use.
    Active,
    /// Invited; the first sign-in accepts.
    PendingInvite,
}

impl Membership {
    fn new(organization: &'static Organization, role: Role) -> Self {
        Self {
            organization,
            role,
            status: MembershipStatus::Active,
            since: FOUNDED,
            resent: 0,
        }
    }
}

/// When this environment's organizations were founded: 2 June 2025.
pub(crate) const FOUNDED: i64 = 1_748_854_800;

/// Someone who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// `usr_…`, the `sub` claim.
    pub id: Cow<'static, str>,
    /// The address, in lower case.
    pub email: Cow<'static, str>,
    /// First name.
    pub given_name: Cow<'static, str>,
    /// Last name; empty for a person made from a one-word address.
    pub family_name: Cow<'static, str>,
    /// None for somebody who was removed from their last organization.
    pub memberships: Vec<Membership>,
    /// When they last signed in; seconds since 1970.
    pub last_sign_in: Option<i64>,
    /// Whether the hosted page offers them by name.
    #[serde(skip)]
    pub(crate) is_offered: bool,
}

impl Person {
    /// First and last name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
            .trim()
            .to_owned()
    }

    /// One or two letters for the avatar.
    pub(crate) fn initials(&self) -> String {
        self.given_name
            .chars()
            .take(1)
            .chain(self.family_name.chars().take(1))
            .collect()
    }

    /// The person's place in an organization, if there is one.
    pub(crate) fn membership(&self, organization_id: &str) -> Option<&Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.organization.id == organization_id)
    }
}

/// The ready-made people: an admin, a member, and someone in two organizations.
pub fn people() -> &'static [Person] {
    static PEOPLE: LazyLock<Vec<Person>> = LazyLock::new(|| {
        let [acme, globex] = &ORGANIZATIONS;
        let person =
            |id, email, given_name, family_name, memberships: &[(&'static Organization, Role)]| Person {
                id: Cow::Borrowed(id),
                email: Cow::Borrowed(email),
                given_name: Cow::Borrowed(given_name),
                family_name: Cow::Borrowed(family_name),
                memberships: memberships
                    .iter()
                    .map(|&(organization, role)| Membership::new(organization, role))
                    .collect(),
                last_sign_in: None,
                is_offered: true,
            };
        vec![
            person(
                "usr_63261014140912135",
                "ada@acme.example",
                "Ada",
                "Admin",
                &[(acme, Role::Admin)],
            ),
            person(
                "usr_63261027545843210",
                "max@acme.example",
                "Max",
                "Member",
                &[(acme, Role::Member)],
            ),
            person(
                "usr_63261039876145672",
                "olga@globex.example",
                "Olga",
                "Orgs",
                &[(globex, Role::Admin), (acme, Role::Member)],
            ),
        ]
    });
    &PEOPLE
}

/// The others at Acme, so that lists of members have more than one page. They sign in with their address and the code.
const COLLEAGUES: [(&str, &str, Role); 24] = [
    ("Ayesha", "Rahman", Role::Manager),
    ("Benoît", "Lefèvre", Role::Member),
    ("Carmen", "Ortega", Role::Member),
    ("Dmitri", "Volkov", Role::Member),
    ("Emeka", "Okafor", Role::Member),
    ("Freya", "Lindqvist", Role::Manager),
    ("Giulia", "Ferrari", Role::Member),
    ("Hiroshi", "Tanaka", Role::Member),
    ("Ingrid", "Bakker", Role::Member),
    ("Joaquim", "Sousa", Role::Member),
    ("Kiran", "Patel", Role::Member),
    ("Leila", "Haddad", Role::Member),
    ("Mateusz", "Nowak", Role::Member),
    ("Nia", "Williams", Role::Member),
    ("Oisín", "Byrne", Role::Member),
    ("Priya", "Nair", Role::Member),
    ("Quynh", "Tran", Role::Member),
    ("Rasmus", "Holm", Role::Member),
    ("Sofia", "Papadaki", Role::Member),
    ("Tomás", "Herrera", Role::Member),
    ("Ursula", "Frei", Role::Member),
    ("Viktor", "Horváth", Role::Member),
    ("Wanjiru", "Kamau", Role::Member),
    ("Yusuf", "Demir", Role::Member),
];

fn colleagues() -> impl Iterator<Item = Person> {
    let [acme, _] = &ORGANIZATIONS;
    let numbered = COLLEAGUES.iter().zip(63_261_100_000_000_000_u64..);
    numbered.map(|(&(given_name, family_name, role), number)| Person {
        id: format!("usr_{number}").into(),
        email: format!("{}@acme.example", ascii(given_name)).into(),
        given_name: given_name.into(),
        family_name: family_name.into(),
        memberships: vec![Membership::new(acme, role)],
        last_sign_in: None,
        is_offered: false,
    })
}

/// A first name as it stands in an address.
fn ascii(name: &str) -> String {
    let plain = name.chars().map(|letter| match letter {
        'á' => 'a',
        'í' | 'î' => 'i',
        other => other.to_ascii_lowercase(),
    });
    plain.collect()
}

/// Everyone this environment knows: the ready-made people, their colleagues, those who came with a `+sktest` address,
/// and whoever was invited.
pub(crate) struct Directory {
    people: Vec<Person>,
}

/// Why an address cannot be used to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressError {
    /// It is not an e-mail address.
    Malformed,
    /// Nobody here has it, and it is not a test address.
    Unknown,
    /// The directory is full.
    Full,
    /// Its person is in the organization already.
    Member,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            people: people().iter().cloned().chain(colleagues()).collect(),
        }
    }

    /// Those whom the hosted page offers by name.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|person| person.is_offered)
    }

    /// The people of an organization, in the order they came.
    pub(crate) fn members<'a>(
        &'a self,
        organization_id: &'a str,
    ) -> impl Iterator<Item = (&'a Person, &'a Membership)> {
        self.people
            .iter()
            .filter_map(|person| Some((person, person.membership(organization_id)?)))
    }

    /// A person's place in an organization, to change it.
    pub(crate) fn membership_mut(
        &mut self,
        person_id: &str,
        organization_id: &str,
    ) -> Option<&mut Membership> {
        let person = self.people.iter_mut().find(|person| person.id == person_id)?;
        let mut memberships = person.memberships.iter_mut();
        memberships.find(|membership| membership.organization.id == organization_id)
    }

    /// Takes a person out of an organization. Whether they were in it.
    pub(crate) fn remove_member(&mut self, person_id: &str, organization_id: &str) -> bool {
        let Some(person) = self.people.iter_mut().find(|person| person.id == person_id) else {
            return false;
        };
        let before = person.memberships.len();
        let others = |membership: &Membership| membership.organization.id != organization_id;
        person.memberships.retain(others);
        person.memberships.len() < before
    }

    /// Invites an address, which may be new here, to an organization. The person, or why not.
    pub(crate) fn invite(
        &mut self,
        email: &str,
        name: Option<(String, String)>,
        organization: &'static Organization,
        role: Role,
        now: i64,
    ) -> Result<Person, AddressError> {
        let email = parse_address(email)?;
        let invitation = Membership {
            status: MembershipStatus::PendingInvite,
            since: now,
            ..Membership::new(organization, role)
        };
        if let Some(known) = self.people.iter_mut().find(|person| person.email == email) {
            if known.membership(organization.id).is_some() {
                return Err(AddressError::Member);
            }
            known.memberships.push(invitation);
            return Ok(known.clone());
        }
        let person = Person {
            memberships: vec![invitation],
            ..new_person(&email, name)
        };
        self.add(person)
    }

    /// Notes that somebody has signed in, which accepts an invitation.
    pub(crate) fn signed_in(&mut self, person_id: &str, organization_id: &str, now: i64) {
        if let Some(membership) = self.membership_mut(person_id, organization_id)
            && membership.status == MembershipStatus::PendingInvite
        {
            membership.status = MembershipStatus::Active;
            membership.since = now;
        }
        if let Some(person) = self.people.iter_mut().find(|person| person.id == person_id) {
            person.last_sign_in = Some(now);
        }
    }

    fn add(&mut self, person: Person) -> Result<Person, AddressError> {
        const CAPACITY: usize = 10_000;
        if self.people.len() >= CAPACITY {
            return Err(AddressError::Full);
        }
        self.people.push(person.clone());
        Ok(person)
    }

    pub(crate) fn all(&self) -> &[Person] {
        &self.people
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(crate) fn by_email(&self, email: &str) -> Option<&Person> {
        let email = email.trim().to_lowercase();
        self.people.iter().find(|person| person.email == email)
    }

    /// Gives a person a role in an organization. `false` if the person is not a member of it.
    pub(crate) fn set_role(&mut self, email: &str, organization_id: &str, role: Role) -> bool {
        let membership = self
            .people
            .iter_mut()
            .filter(|person| person.email == email)
            .flat_map(|person| &mut person.memberships)
            .find(|membership| membership.organization.id == organization_id);
        membership.map(|membership| membership.role = role).is_some()
    }

    /// The address that the person typed, in the form it is stored, if it can be used to sign in.
    pub(crate) fn accept_address(&self, typed: &str) -> Result<String, AddressError> {
        let email = parse_address(typed)?;
        let is_test = email
            .split('@')
            .next()
            .is_some_and(|local| local.contains("+sktest"));
        if is_test || self.by_email(&email).is_some() {
            Ok(email)
        } else {
            Err(AddressError::Unknown)
        }
    }

    /// The person behind an accepted address. A test address is enrolled as a member of the organization that the
    /// sign-in is for, or of the first.
    pub(crate) fn enrol(
        &mut self,
        email: &str,
        organization: Option<&'static Organization>,
    ) -> Result<Person, AddressError> {
        let email = self.accept_address(email)?;
        if let Some(known) = self.by_email(&email) {
            return Ok(known.clone());
        }
        let [acme, _] = &ORGANIZATIONS;
        let person = Person {
            memberships: vec![Membership::new(organization.unwrap_or(acme), Role::Member)],
            is_offered: true,
            ..new_person(&email, None)
        };
        self.add(person)
    }
}

/// Somebody who is in no organization yet, called by `name` or after their address.
fn new_person(email: &str, name: Option<(String, String)>) -> Person {
    let (given_name, family_name) = name.unwrap_or_else(|| name_from_address(email));
    Person {
        id: random::id("usr_").into(),
        email: email.to_owned().into(),
        given_name: given_name.into(),
        family_name: family_name.into(),
        memberships: Vec::new(),
        last_sign_in: None,
        is_offered: false,
    }
}

/// An address in the form it is stored, if it is one.
fn parse_address(typed: &str) -> Result<String, AddressError> {
    let email = typed.trim().to_lowercase();
    let (local, domain) = email.split_once('@').ok_or(AddressError::Malformed)?;
    let plain = |part: &str| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "@<>\",;".contains(c))
    };
    if plain(local) && plain(domain) && email.len() <= 254 {
        Ok(email)
    } else {
        Err(AddressError::Malformed)
    }
}

/// `grace.hopper+sktest@example.com` is Grace Hopper.
fn name_from_address(email: &str) -> (String, String) {
    let local = email.split('@').next().unwrap_or_default();
    let plain = local.split('+').next().unwrap_or_default();
    let mut words = plain
        .split(['.', '_', '-'])
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        });
    let given = words.next().unwrap_or_else(|| "Test".to_owned());
    (given, words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_address_becomes_a_person_named_after_it() {
        let mut directory = Directory::new();
        let person = directory
            .enrol(" Grace.Hopper+sktest@Example.com ", None)
            .unwrap();
        assert_eq!(person.name(), "Grace Hopper");
        assert_eq!(person.email, "grace.hopper+sktest@example.com");
        assert_eq!(
            directory
                .enrol("grace.hopper+sktest@example.com", None)
                .unwrap()
                .id,
            person.id
        );
        assert_eq!(
            directory.enrol("+sktest@example.com", None).unwrap().name(),
            "Test"
        );
    }

    #[test]
    fn other_addresses_are_refused_with_the_reason() {
        let directory = Directory::new();
        assert_eq!(
            directory.accept_address("nobody@example.com"),
            Err(AddressError::Unknown)
        );
        for malformed in [
            "",
            "ada",
            "@acme.example",
            "a b+sktest@x",
            "a+sktest@x\r\ny",
            "a+sktest@@x",
        ] {
            assert_eq!(
                directory.accept_address(malformed),
                Err(AddressError::Malformed),
                "{malformed:?}"
            );
        }
    }
}
