//! `cargo xtask conformance`: which test proves which rule of which standard, written to `docs/conformance.md`.
//!
//! The rules are in `auth/tests/rules.toml`; a test names those it proves in a `Rules:` line of its comment.
//! `cargo xtask test` fails when the two do not fit together or the document is out of date.

mod document;
mod markers;
mod rules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::{
    process::{self, Failure, Outcome},
    project,
};
use markers::Test;
use rules::Catalogue;

const CATALOGUE: &str = "auth/tests/rules.toml";
const DOCUMENT: &str = "docs/conformance.md";
/// Where tests of signing in are.
const FOLDERS: [&str; 6] = [
    "auth/src",
    "auth/tests",
    "server/tests",
    "app/src",
    "end2end/tests",
    "end2end/providers",
];

/// What the command says of itself.
pub(crate) const ABOUT: &str = "\
Write docs/conformance.md: which test proves which rule

The rules are in auth/tests/rules.toml, each with an id. A test names those it proves in its comment:

  /// Rules: w4, core-3.1.3.7-11        in Rust
  // Rules: next-browser                 in TypeScript, above `test(`

Fails when a rule has no test, and when a test names a rule that does not exist.";

/// A source file: its path from the project's folder, with slashes, and its text.
type Source = (String, String);

/// The rules and the tests that prove them.
#[derive(Debug)]
struct Evidence {
    catalogue: Catalogue,
    /// By rule.
    tests: BTreeMap<String, BTreeSet<Test>>,
    /// What does not fit together, a sentence each.
    mistakes: Vec<String>,
}

impl Evidence {
    fn gather(catalogue: Catalogue, sources: &[Source]) -> Self {
        let mut mistakes = catalogue.mistakes();
        let mut tests = BTreeMap::<String, BTreeSet<Test>>::new();
        for (file, text) in sources {
            let found = markers::read(file, text);
            mistakes.extend(found.mistakes.iter().map(|mistake| format!("{file}: {mistake}")));
            for (rule, test) in found.proofs {
                match catalogue.find(&rule) {
                    Some(known) if known.not_applicable.is_some() => mistakes.push(format!(
                        "{file}: the rule `{rule}` does not apply, says {CATALOGUE}, but here is its test"
                    )),
                    Some(_) => {
                        tests.entry(rule).or_default().insert(test);
                    }
                    None => {
                        mistakes.push(format!("{file}: there is no rule `{rule}` in {CATALOGUE}"));
                    }
                }
            }
        }
        Self {
            catalogue,
            tests,
            mistakes,
        }
    }

    /// The tests of one rule.
    fn of(&self, rule: &str) -> impl Iterator<Item = &Test> {
        self.tests.get(rule).into_iter().flatten()
    }

    /// The rules that apply and have no test.
    fn unproved(&self) -> Vec<&str> {
        self.catalogue
            .rules()
            .filter(|rule| rule.not_applicable.is_none() && !self.tests.contains_key(&rule.id))
            .map(|rule| rule.id.as_str())
            .collect()
    }

    /// How much there is, for people.
    fn summary(&self) -> String {
        let tests: BTreeSet<&Test> = self.tests.values().flatten().collect();
        format!("{} rules, {} tests", self.catalogue.applicable(), tests.len())
    }

    /// Fails with everything that is wrong apart from the document.
    fn judge(&self) -> Outcome {
        if !self.mistakes.is_empty() {
            let sentence = "tests and rules do not fit together (see above).";
            return Err(Failure::new(sentence).with_details(self.mistakes.clone()));
        }
        let unproved = self.unproved();
        if !unproved.is_empty() {
            let sentence = format!(
                "{} rules have no test: write it and name the rule in its comment (`Rules: …`), or say in \
                 {CATALOGUE} why the rule does not apply.",
                unproved.len()
            );
            return Err(
                Failure::new(sentence).with_details(unproved.into_iter().map(str::to_owned).collect())
            );
        }
        Ok(())
    }

    /// Fails as [`Self::judge`] does, and when `written` is not the document that we would write.
    fn judge_document(&self, written: &str) -> Outcome {
        self.judge()?;
        if written == document::render(self) {
            Ok(())
        } else {
            Err(Failure::new(format!(
                "{DOCUMENT} is out of date: run `cargo xtask conformance`."
            )))
        }
    }
}

/// The command itself. The document is written even if rules have no test: it then shows which.
pub(crate) fn write() -> Outcome {
    let evidence = evidence()?;
    let path = project::root().join(DOCUMENT);
    fs::write(&path, document::render(&evidence)).map_err(|error| process::unwritable(&path, &error))?;
    println!("{DOCUMENT} is written: {}.", evidence.summary());
    evidence.judge()
}

/// Checks that every rule has a test and the document is what [`write`] would write.
pub(crate) fn check() -> Outcome<String> {
    let evidence = evidence()?;
    let written = fs::read_to_string(project::root().join(DOCUMENT)).unwrap_or_default();
    evidence.judge_document(&written)?;
    Ok(evidence.summary())
}

fn evidence() -> Outcome<Evidence> {
    let root = project::root();
    let text = read(&root.join(CATALOGUE))?;
    let catalogue = Catalogue::parse(&text)
        .map_err(|error| Failure::new(format!("{CATALOGUE} is malformed: {error}")))?;
    let mut files = Vec::new();
    for folder in FOLDERS.map(|folder| root.join(folder)) {
        if folder.is_dir() {
            collect(&folder, &mut files)?;
        }
    }
    files.sort();
    let sources = files
        .iter()
        .map(|path| Ok((from_root(&root, path), read(path)?)))
        .collect::<Outcome<Vec<Source>>>()?;
    Ok(Evidence::gather(catalogue, &sources))
}

/// The Rust and TypeScript files below `folder`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "node_modules" {
                collect(&path, files)?;
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "rs" || extension == "ts")
        {
            files.push(path);
        }
    }
    Ok(())
}

fn from_root(root: &Path, path: &Path) -> String {
    let parts: Vec<_> = path
        .strip_prefix(root)
        .unwrap_or(path)
        .iter()
        .map(|part| part.to_string_lossy())
        .collect();
    parts.join("/")
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be read: {error}", project::shown(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [[section]]
        title = "The ID token"
        source = "OpenID Connect Core"
        rules = [
          { id = "iss", rule = "Another issuer is refused." },
          { id = "aud", rule = "Another audience is refused." },
          { id = "acr", rule = "An `acr` is checked.", not_applicable = "we ask for none" },
        ]
    "#;

    fn evidence(rust: &str) -> Evidence {
        let sources = [("auth/src/id_token.rs".to_owned(), rust.to_owned())];
        Evidence::gather(Catalogue::parse(RULES).unwrap(), &sources)
    }

    fn said(outcome: Outcome) -> String {
        outcome.unwrap_err().to_string()
    }

    const COMPLETE: &str = "/// Rules: iss, aud\n#[test]\nfn strangers_are_refused() {}\n";

    #[test]
    fn the_document_that_was_just_written_is_up_to_date() {
        let evidence = evidence(COMPLETE);
        evidence.judge_document(&document::render(&evidence)).unwrap();
        assert_eq!(evidence.summary(), "2 rules, 1 tests");
    }

    #[test]
    fn a_document_of_yesterday_is_told_with_the_command_that_mends_it() {
        let yesterday = document::render(&evidence("/// Rules: iss, aud\n#[test]\nfn old_name() {}\n"));
        for stale in [yesterday.as_str(), ""] {
            let said = said(evidence(COMPLETE).judge_document(stale));
            assert!(said.contains("docs/conformance.md is out of date: run `cargo xtask conformance`"));
        }
    }

    #[test]
    fn an_unknown_rule_is_told_with_its_file() {
        let said = said(evidence("/// Rules: iss, uad\n#[test]\nfn test() {}\n").judge());
        assert!(
            said.contains("auth/src/id_token.rs: there is no rule `uad` in auth/tests/rules.toml"),
            "{said}"
        );
    }

    #[test]
    fn all_rules_without_a_test_are_told_at_once() {
        let said = said(evidence("").judge());
        assert!(said.contains("iss\n") && said.contains("aud\n"), "{said}");
        assert!(said.contains("2 rules have no test"), "{said}");
        assert!(!said.contains("acr"), "it does not apply");
    }

    #[test]
    fn a_rule_that_does_not_apply_has_no_test() {
        let said = said(evidence("/// Rules: iss, aud, acr\n#[test]\nfn test() {}\n").judge());
        assert!(said.contains("the rule `acr` does not apply"), "{said}");
    }

    #[test]
    fn a_marker_without_a_test_is_told_with_its_file() {
        let said = said(evidence(&format!("{COMPLETE}/// Rules: iss\nfn helper() {{}}\n")).judge());
        assert!(said.contains("auth/src/id_token.rs: "), "{said}");
        assert!(said.contains("auth::id_token::helper"), "{said}");
    }

    #[test]
    fn this_projects_own_catalogue_is_sound() {
        let text = read(&project::root().join(CATALOGUE)).unwrap();
        let catalogue = Catalogue::parse(&text).unwrap();
        assert_eq!(catalogue.mistakes(), Vec::<String>::new());
    }
}
