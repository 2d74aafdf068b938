//! What the answers of the management API have in common. Read leniently: a member that is missing, `null` or of an
//! unknown kind is empty, because one new field must not take a whole page away.

use serde::{Deserialize, Deserializer};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
    /// How to ask for the page after it.
    pub next: Option<String>,
    /// How to ask for the page before it.
    pub previous: Option<String>,
}

/// The members that say where in a list one is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Position {
    #[serde(default, deserialize_with = "lenient")]
    total_size: u64,
    #[serde(default, deserialize_with = "lenient")]
    next_page_token: String,
    #[serde(default, deserialize_with = "lenient")]
    prev_page_token: String,
}

impl Position {
    pub(super) fn of<T>(self, items: Vec<T>) -> Listing<T> {
        let token = |token: String| Some(token).filter(|token| !token.is_empty());
        Listing {
            items,
            total: self.total_size,
            next: token(self.next_page_token),
            previous: token(self.prev_page_token),
        }
    }
}

/// The member's value, or nothing where it is `null` or of another kind.
pub(super) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + serde::de::DeserializeOwned,
{
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A list's members that can be read.
pub(super) fn lenient_list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let values: Vec<serde_json::Value> = lenient(deserializer)?;
    let items = values.into_iter();
    Ok(items
        .filter_map(|item| serde_json::from_value(item).ok())
        .collect())
}

/// RFC 3339.
pub(super) fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OffsetDateTime>, D::Error> {
    let text: String = lenient(deserializer)?;
    Ok(OffsetDateTime::parse(&text, &Rfc3339).ok())
}
