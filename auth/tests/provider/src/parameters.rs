//! The parameters of a query or a form, in order and with their repetitions.

use url::form_urlencoded;

/// Parameters that came with a request, or that go into an authorization response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a bend returns what it made"]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of `name`.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Gives `name` this value, and only this one.
    pub fn set(self, name: &str, value: impl Into<String>) -> Self {
        self.remove(name).add(name, value)
    }

    /// Has `name` once more, with this value.
    pub fn add(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Has `name` once more, with the value it has already.
    pub fn repeat(self, name: &str) -> Self {
        let value = self.get(name).map(str::to_owned);
        let value = value.unwrap_or_else(|| panic!("there is no `{name}` to be repeated"));
        self.add(name, value)
    }

    /// Leaves `name` out.
    pub fn remove(mut self, name: &str) -> Self {
        self.0.retain(|(candidate, _)| candidate != name);
        self
    }

    /// A parameter that occurs more than once, which RFC 6749 §3.2 forbids.
    pub(crate) fn repeated(&self) -> Option<&str> {
        self.iter()
            .map(|(name, _)| name)
            .find(|name| self.all(name).count() > 1)
    }

    /// `address` with these parameters after those it has.
    pub(crate) fn appended_to(&self, address: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.iter())
            .finish();
        let separator = if address.contains('?') { '&' } else { '?' };
        format!("{address}{separator}{query}")
    }
}
