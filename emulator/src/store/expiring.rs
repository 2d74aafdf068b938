//! A map that forgets: every entry has the same lifetime, and the oldest gives way when the map is full.

use std::collections::{HashMap, VecDeque};

use time::{Duration, OffsetDateTime};

/// Entries under names that are never used twice.
pub(crate) struct Expiring<T> {
    lifetime: Duration,
    capacity: usize,
    entries: HashMap<String, Entry<T>>,
    /// Names in the order they came, which is also the order in which they expire.
    order: VecDeque<String>,
}

struct Entry<T> {
    value: T,
    expires: OffsetDateTime,
}

impl<T> Expiring<T> {
    pub(crate) fn new(lifetime: Duration, capacity: usize) -> Self {
        Self {
            lifetime,
            capacity,
            entries: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Adds an entry and drops those whose time is over.
    pub(crate) fn insert(&mut self, name: String, value: T, now: OffsetDateTime) {
        while let Some(oldest) = self.order.front() {
            let over = self.entries.get(oldest).is_none_or(|entry| entry.expires <= now);
            if !over && self.order.len() < self.capacity {
                break;
            }
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
        self.order.push_back(name.clone());
        self.entries.insert(
            name,
            Entry {
                value,
                expires: now.saturating_add(self.lifetime),
            },
        );
    }

    /// The entry, if it is there and its time is not over.
    pub(crate) fn get(&self, name: &str, now: OffsetDateTime) -> Option<&T> {
        self.entries
            .get(name)
            .filter(|entry| entry.expires > now)
            .map(|entry| &entry.value)
    }

    /// The same, to change it.
    pub(crate) fn get_mut(&mut self, name: &str, now: OffsetDateTime) -> Option<&mut T> {
        self.entries
            .get_mut(name)
            .filter(|entry| entry.expires > now)
            .map(|entry| &mut entry.value)
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<T> {
        self.entries.remove(name).map(|entry| entry.value)
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.order.clear();
    }

    /// Names and entries whose time is not over.
    pub(crate) fn iter(&self, now: OffsetDateTime) -> impl Iterator<Item = (&str, &T)> {
        self.entries
            .iter()
            .filter(move |(_, entry)| entry.expires > now)
            .map(|(name, entry)| (name.as_str(), &entry.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_end_with_their_lifetime() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let mut map = Expiring::new(Duration::seconds(10), 100);
        map.insert("a".to_owned(), 1, start);
        assert_eq!(map.get("a", start + Duration::seconds(9)), Some(&1));
        assert_eq!(map.get("a", start + Duration::seconds(10)), None);
        map.insert("b".to_owned(), 2, start + Duration::seconds(10));
        assert_eq!(map.entries.len(), 1);
    }

    #[test]
    fn the_oldest_gives_way_when_it_is_full() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut map = Expiring::new(Duration::seconds(10), 2);
        for (name, value) in [("a", 1), ("b", 2), ("c", 3)] {
            map.insert(name.to_owned(), value, now);
        }
        assert_eq!(map.get("a", now), None);
        assert_eq!((map.get("b", now), map.get("c", now)), (Some(&2), Some(&3)));
    }
}
