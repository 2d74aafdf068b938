//! The people at Acme whom the hosted page does not offer by name.

use super::{Membership, ORGANIZATIONS, Person, Role};

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

pub(super) fn colleagues() -> impl Iterator<Item = Person> {
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
