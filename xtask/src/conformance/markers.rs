//! The `Rules:` lines of tests, read line by line: enough for the way tests are written here, and no parser to keep.

use std::{fmt, mem};

/// A test that proves rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Test {
    /// Path from the project's folder.
    pub(super) file: String,
    pub(super) name: Name,
}

/// What a test is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// The path of a function, for example `server::suite::sign_in::a_made_up_code_signs_nobody_in`.
    Function(String),
    /// The title of a browser test.
    Title(String),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) | Self::Title(name) => f.write_str(name),
        }
    }
}

/// What one file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Rules with the test that proves them.
    pub(super) proofs: Vec<(String, Test)>,
    pub(super) mistakes: Vec<String>,
}

/// Rules that wait for their test, and what has been seen of it so far.
#[derive(Default)]
struct Waiting {
    rules: Vec<String>,
    is_test: bool,
    is_ignored: bool,
    title_follows: bool,
}

/// What a line after a marker can be.
enum Line<'a> {
    /// `#[test]`, `#[tokio::test]` and the like.
    TestAttribute,
    /// `#[ignore]`, `test.skip('…')`: it does not run.
    Ignored,
    Function(&'a str),
    Title(String),
    /// `test(` with the title on the next line.
    TitleFollows,
    Other,
}

/// Reads the markers of one file.
pub(super) fn read(file: &str, text: &str) -> Found {
    let is_rust = is_rust(file);
    let mut found = Found::default();
    let mut waiting = Waiting::default();
    for line in text.lines().map(str::trim) {
        match marker(line, is_rust) {
            Some(Ok(rules)) => {
                waiting.rules.extend(rules);
                continue;
            }
            Some(Err(mistake)) => found.mistakes.push(mistake),
            None => {}
        }
        if waiting.rules.is_empty() {
            continue;
        }
        let seen = if mem::take(&mut waiting.title_follows) {
            literal(line).map_or(Line::Other, Line::Title)
        } else if is_rust {
            rust(line)
        } else {
            typescript(line)
        };
        let name = match seen {
            Line::TestAttribute => {
                waiting.is_test = true;
                continue;
            }
            Line::Ignored => {
                waiting.is_ignored = true;
                continue;
            }
            Line::TitleFollows => {
                waiting.title_follows = true;
                continue;
            }
            Line::Other => continue,
            Line::Function(name) => Name::Function(format!("{}::{name}", module(file))),
            Line::Title(title) => {
                waiting.is_test = true;
                Name::Title(title)
            }
        };
        let Waiting {
            rules,
            is_test,
            is_ignored,
            ..
        } = mem::take(&mut waiting);
        if !is_test || is_ignored {
            let why = if is_test {
                "is ignored and proves nothing"
            } else {
                "is no test"
            };
            let rules = rules.join(", ");
            found
                .mistakes
                .push(format!("what follows `Rules: {rules}` {why}: {name}"));
            continue;
        }
        let proof = Test {
            file: file.to_owned(),
            name,
        };
        found
            .proofs
            .extend(rules.into_iter().map(|rule| (rule, proof.clone())));
    }
    if !waiting.rules.is_empty() {
        let rules = waiting.rules.join(", ");
        found
            .mistakes
            .push(format!("`Rules: {rules}` is not followed by a test"));
    }
    found
}

/// The rules that a line names, if it is a marker.
fn marker(line: &str, is_rust: bool) -> Option<Result<Vec<String>, String>> {
    let comment = line.trim_start_matches(['/', '*', '!']);
    let named = comment.trim_start().strip_prefix("Rules:")?;
    let start = line.strip_suffix(comment)?;
    let wanted = if is_rust { "///" } else { "//" };
    if start != wanted {
        return Some(Err(format!("`{line}` must begin with `{wanted} Rules:`")));
    }
    let rules: Vec<_> = named
        .split(',')
        .map(|rule| rule.trim().to_owned())
        .filter(|rule| !rule.is_empty())
        .collect();
    if rules.is_empty() {
        return Some(Err(format!("`{line}` names no rule")));
    }
    Some(Ok(rules))
}

fn rust(line: &str) -> Line<'_> {
    if let Some(attribute) = line.strip_prefix("#[") {
        let path = attribute.split(['(', ']', ' ', '=']).next().unwrap_or_default();
        return match path {
            "ignore" => Line::Ignored,
            _ if path.rsplit("::").next() == Some("test") => Line::TestAttribute,
            _ => Line::Other,
        };
    }
    let words = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "];
    let declaration = words
        .iter()
        .fold(line, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    let Some(rest) = declaration.strip_prefix("fn ") else {
        return Line::Other;
    };
    match rest.split(['(', '<']).next() {
        Some(name) if name.len() < rest.len() => Line::Function(name),
        _ => Line::Other,
    }
}

fn typescript(line: &str) -> Line<'_> {
    if let Some(rest) = line.strip_prefix("test(") {
        return match literal(rest) {
            Some(title) => Line::Title(title),
            None if rest.is_empty() => Line::TitleFollows,
            None => Line::Other,
        };
    }
    let skipped = line
        .strip_prefix("test.skip(")
        .or_else(|| line.strip_prefix("test.fixme("));
    match skipped.and_then(literal) {
        Some(_) => Line::Ignored,
        None => Line::Other,
    }
}

/// The string literal at the start of `text`.
fn literal(text: &str) -> Option<String> {
    let mut characters = text.chars();
    let quote = characters.next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    let mut title = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\\' => title.extend(characters.next()),
            _ if character == quote => return Some(title),
            _ => title.push(character),
        }
    }
    None
}

/// `auth/src/client/id_token.rs` is `auth::client::id_token`, `server/tests/suite/sign_in.rs` is
/// `server::suite::sign_in`: as cargo-nextest prints them, without the module `tests`.
fn module(file: &str) -> String {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !matches!(*part, "src" | "tests" | "lib" | "main" | "mod"))
        .collect();
    parts.join("::")
}

fn is_rust(file: &str) -> bool {
    std::path::Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proofs(file: &str, text: &str) -> Vec<(String, Name)> {
        let found = read(file, text);
        assert_eq!(found.mistakes, Vec::<String>::new());
        let named = |(rule, test): (String, Test)| (rule, test.name);
        found.proofs.into_iter().map(named).collect()
    }

    fn mistake(file: &str, text: &str) -> String {
        read(file, text).mistakes.join("\n")
    }

    #[test]
    fn a_rust_test_proves_the_rules_of_all_its_markers() {
        let text = "    /// What it is about.\n    ///\n    /// Rules: w3, w4\n    /// Rules: rfc7636-4.5\n    \
                    #[tokio::test(flavor = \"multi_thread\")]\n    async fn a_code_is_bound() {\n        fn inner() {}\n";
        let name = Name::Function("server::suite::sign_in::a_code_is_bound".to_owned());
        assert_eq!(
            proofs("server/tests/suite/sign_in.rs", text),
            ["w3", "w4", "rfc7636-4.5"].map(|rule| (rule.to_owned(), name.clone()))
        );
    }

    #[test]
    fn attributes_and_arguments_of_a_rust_test_do_not_matter() {
        let text = "/// Rules: a\n#[test]\n#[expect(\n    clippy::panic,\n    reason = \"fn x() is a test\"\n)]\n\
                    fn never_panics(claims in any()) {\n";
        let name = Name::Function("auth::client::never_panics".to_owned());
        assert_eq!(proofs("auth/src/client.rs", text), [("a".to_owned(), name)]);
    }

    #[test]
    fn a_browser_test_is_known_by_its_title_however_it_is_quoted() {
        for (line, title) in [
            ("test('W3: it\\'s me', async () => {", "W3: it's me"),
            ("test(\"it's me\", async () => {", "it's me"),
            ("  test(`${path} is open`, async () => {", "${path} is open"),
            ("test(\n  'a long one',\n", "a long one"),
        ] {
            let text = format!("// Rules: next-browser\n{line}\n");
            let name = Name::Title(title.to_owned());
            assert_eq!(
                proofs("end2end/tests/return.spec.ts", &text),
                [("next-browser".to_owned(), name)]
            );
        }
    }

    #[test]
    fn each_marker_belongs_to_the_next_test_only() {
        let text = "// Rules: a\ntest('one', x);\ntest('two', x);\n// Rules: b\ntest('three', x);\n";
        let expected = [("a", "one"), ("b", "three")];
        assert_eq!(
            proofs("end2end/tests/x.spec.ts", text),
            expected.map(|(rule, title)| (rule.to_owned(), Name::Title(title.to_owned())))
        );
    }

    #[test]
    fn a_marker_that_is_not_followed_by_a_test_is_a_mistake() {
        for (file, text) in [
            ("a/src/a.rs", "/// Rules: a\nstruct A;\n"),
            (
                "a/src/a.rs",
                "/// Rules: a\nfn helper() {}\n#[test]\nfn real() {}\n",
            ),
            ("a/src/a.rs", "/// Rules: a\n#[cfg(test)]\nfn helper() {}\n"),
            ("a/b.ts", "// Rules: a\ntest.describe('a', () => {});\n"),
        ] {
            assert!(mistake(file, text).contains("`Rules: a` is n"), "{text}");
            assert_eq!(read(file, text).proofs, []);
        }
    }

    #[test]
    fn an_ignored_test_proves_nothing() {
        for (file, text) in [
            (
                "a/src/a.rs",
                "/// Rules: a\n#[test]\n#[ignore = \"slow\"]\nfn test() {}\n",
            ),
            (
                "a/b.ts",
                "// Rules: a\ntest.skip('a', () => {});\ntest('b', () => {});\n",
            ),
        ] {
            assert!(mistake(file, text).contains("proves nothing"), "{text}");
            assert_eq!(read(file, text).proofs, []);
        }
    }

    #[test]
    fn a_marker_in_the_wrong_kind_of_comment_is_a_mistake() {
        for (file, line) in [
            ("a/src/a.rs", "// Rules: a"),
            ("a/src/a.rs", "//! Rules: a"),
            ("a/b.ts", "/// Rules: a"),
            ("a/b.ts", "* Rules: a"),
            ("a/b.ts", "// Rules:"),
        ] {
            assert!(mistake(file, line).contains(line), "{line}");
        }
    }
}
