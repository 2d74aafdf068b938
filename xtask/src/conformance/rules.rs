//! The catalogue of rules, `auth/tests/rules.toml`.

use std::collections::BTreeSet;

use serde::Deserialize;

/// All rules, in the order of the document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogue {
    #[serde(rename = "section")]
    pub(super) sections: Vec<Section>,
}

/// The rules of one standard, or of one promise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    pub(super) title: String,
    /// Where the rules come from.
    pub(super) source: String,
    pub(super) rules: Vec<Rule>,
}

/// One check that a reviewer would want to remove in order to see a test fail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// What tests call it. Never changes its meaning.
    pub(super) id: String,
    /// What it demands, in our own words.
    #[serde(rename = "rule")]
    pub(super) demand: String,
    /// Why it needs no test.
    pub(super) not_applicable: Option<String>,
}

impl Catalogue {
    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.sections.iter().flat_map(|section| &section.rules)
    }

    pub(super) fn find(&self, id: &str) -> Option<&Rule> {
        self.rules().find(|rule| rule.id == id)
    }

    /// How many rules apply.
    pub(super) fn applicable(&self) -> usize {
        self.sections.iter().map(Section::applicable).sum()
    }

    /// What is wrong with the catalogue itself.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut mistakes = Vec::new();
        for rule in self.rules() {
            let id = &rule.id;
            let is_word =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
            if id.is_empty() || !id.chars().all(is_word) {
                mistakes.push(format!(
                    "the id `{id}` may only have small letters, digits, `-`, `.` and `_`"
                ));
            }
            if !seen.insert(id) {
                mistakes.push(format!("two rules have the id `{id}`"));
            }
            if rule.not_applicable.as_deref().is_some_and(str::is_empty) {
                mistakes.push(format!("the rule `{id}` does not say why it does not apply"));
            }
        }
        mistakes
    }
}

impl Section {
    /// How many rules apply.
    pub(super) fn applicable(&self) -> usize {
        self.rules
            .iter()
            .filter(|rule| rule.not_applicable.is_none())
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_occurs_twice_or_cannot_be_named_and_an_empty_reason_are_mistakes() {
        let catalogue = Catalogue::parse(
            r#"
            [[section]]
            title = "A"
            source = "a"
            rules = [{ id = "w3", rule = "x" }, { id = "W 4", rule = "y" }]
            [[section]]
            title = "B"
            source = "b"
            rules = [{ id = "w3", rule = "z", not_applicable = "" }]
            "#,
        )
        .unwrap();
        let said = catalogue.mistakes().join("\n");
        assert!(said.contains("two rules have the id `w3`"), "{said}");
        assert!(said.contains("the id `W 4`"), "{said}");
        assert!(said.contains("`w3` does not say why"), "{said}");
        assert_eq!(catalogue.applicable(), 2);
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        let text =
            "[[section]]\ntitle = \"A\"\nsource = \"a\"\nrules = [{ id = \"a\", rule = \"a\", na = \"b\" }]";
        assert!(Catalogue::parse(text).unwrap_err().to_string().contains("na"));
    }
}
