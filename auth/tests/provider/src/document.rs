//! A JSON object that may break JSON's rules: a name that occurs twice (RFC 8259 §4), or a text that is no object at all.

use std::fmt;

use serde_json::Value;

/// What is sent where a JSON object is expected: a discovery document, a key, a token's header or payload, a response.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "a bend returns what it made"]
pub struct Document {
    members: Vec<(String, Value)>,
    raw: Option<String>,
}

impl Document {
    /// Gives `name` this value, and only this one.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        let place = self.members.iter().position(|(candidate, _)| candidate == name);
        self = self.remove(name);
        let place = place.unwrap_or(self.members.len());
        self.members.insert(place, (name.to_owned(), value.into()));
        self
    }

    /// Leaves `name` out.
    pub fn remove(mut self, name: &str) -> Self {
        self.members.retain(|(candidate, _)| candidate != name);
        self
    }

    /// Has `name` once more, at the end, with this value.
    pub fn duplicate(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.push((name.to_owned(), value.into()));
        self
    }

    /// Moves a date (`exp`, `iat`, `nbf`) by so many seconds, back if negative.
    pub fn shift(self, name: &str, seconds: i64) -> Self {
        let date = self.get(name).and_then(Value::as_i64);
        let date = date.unwrap_or_else(|| panic!("`{name}` is no date to be moved"));
        self.set(name, date + seconds)
    }

    /// Sends exactly this text instead.
    pub fn raw(mut self, text: impl Into<String>) -> Self {
        self.raw = Some(text.into());
        self
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.members.iter().find(|(candidate, _)| candidate == name)?;
        Some(value)
    }
}

/// The text as it is sent.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(raw) = &self.raw {
            return f.write_str(raw);
        }
        // By hand: no JSON library writes a name twice.
        let members: Vec<_> = self
            .members
            .iter()
            .map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())))
            .collect();
        write!(f, "{{{}}}", members.join(","))
    }
}

impl<const N: usize> From<[(&str, Value); N]> for Document {
    fn from(members: [(&str, Value); N]) -> Self {
        let members = members.map(|(name, value)| (name.to_owned(), value));
        Self {
            members: members.into(),
            raw: None,
        }
    }
}

/// Panics if `value` is not an object.
impl From<Value> for Document {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(members) => Self {
                members: members.into_iter().collect(),
                raw: None,
            },
            other => panic!("{other} is not a JSON object"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_may_occur_twice_until_it_is_set_again() {
        let document = Document::from([("iss", json!("a")), ("sub", json!("b"))]).duplicate("iss", "c");
        assert_eq!(document.to_string(), r#"{"iss":"a","sub":"b","iss":"c"}"#);
        assert_eq!(document.set("iss", "d").to_string(), r#"{"iss":"d","sub":"b"}"#);
    }

    #[test]
    fn raw_text_goes_before_everything() {
        let document = Document::from(json!({ "a": 1 })).raw("[").set("b", 2);
        assert_eq!(document.to_string(), "[");
    }
}
