//! `docs/conformance.md` as it is written.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    Evidence,
    markers::{Name, Test},
    rules::{Rule, Section},
};

const INTRODUCTION: &str = "\
# Conformance

<!-- Written by `cargo xtask conformance` from auth/tests/rules.toml and the tests. Do not edit. -->

What a sign-in must and must not do, rule by rule, and the tests that prove it. The rules are those of the OpenID
Connect and OAuth standards, the modules of the OpenID conformance suite for clients, the weaknesses of the reference
app, and our own promises. They are written down in [rules.toml](../auth/tests/rules.toml), in our own words; the
standard named beside them is what counts.

Each test names its rules in a comment, and this page is made of those comments: `cargo xtask conformance` writes it.
`cargo xtask test` runs every test on this page and fails when a rule has none, when a test names a rule that does not
exist, and when the page is out of date. The conformance suite itself is not run; each of its modules is a test of ours,
against a provider in the same process that misbehaves in the same way.

*Refused* means: the person sees an error page, nobody is signed in, and no token is kept.
";

/// The whole page.
pub(super) fn render(evidence: &Evidence) -> String {
    let mut page = String::from(INTRODUCTION);
    summary(&mut page, evidence);
    for section in &evidence.catalogue.sections {
        rules(&mut page, evidence, section);
    }
    page
}

fn summary(page: &mut String, evidence: &Evidence) {
    page.push_str("\n| section | rules | tests | not applicable |\n|---|--:|--:|--:|\n");
    let sections = &evidence.catalogue.sections;
    for section in sections {
        let title = format!("[{}](#{})", cell(&section.title), anchor(&section.title));
        row(page, &title, evidence, &section.rules);
    }
    row(
        page,
        "**in all**",
        evidence,
        sections.iter().flat_map(|section| &section.rules),
    );
}

/// A test that proves rules of two sections counts in both, and once in the sum.
fn row<'a>(page: &mut String, title: &str, evidence: &Evidence, rules: impl IntoIterator<Item = &'a Rule>) {
    let (mut apply, mut do_not) = (0, 0);
    let mut tests = BTreeSet::new();
    for rule in rules {
        if rule.not_applicable.is_some() {
            do_not += 1;
        } else {
            apply += 1;
        }
        tests.extend(evidence.of(&rule.id));
    }
    let _ = writeln!(page, "| {title} | {apply} | {} | {do_not} |", tests.len());
}

fn rules(page: &mut String, evidence: &Evidence, section: &Section) {
    let Section { title, source, rules } = section;
    let _ = write!(
        page,
        "\n## {title}\n\nSource: {source}.\n\n| id | rule | tests |\n|---|---|---|\n"
    );
    for rule in rules {
        let tests = match &rule.not_applicable {
            Some(reason) => format!("*not applicable:* {}", cell(reason)),
            None => tests(evidence.of(&rule.id)),
        };
        let _ = writeln!(page, "| `{}` | {} | {tests} |", rule.id, cell(&rule.demand));
    }
}

fn tests<'a>(tests: impl Iterator<Item = &'a Test>) -> String {
    let links: Vec<String> = tests.map(link).collect();
    if links.is_empty() {
        return "**none**".to_owned();
    }
    links.join("<br>")
}

/// A link to the test's file, without a line: that would be wrong with the next edit above it.
fn link(test: &Test) -> String {
    let name = match &test.name {
        Name::Function(path) => format!("`{path}`"),
        Name::Title(title) => escaped(&without_placeholders(title)),
    };
    format!("[{name}](../{})", test.file)
}

/// `${path} is open` is `… is open`.
fn without_placeholders(title: &str) -> String {
    let mut parts = title.split("${");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push('…');
        shown.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    shown
}

/// Plain text as Markdown, in a cell.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '$'
        ) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Markdown in a cell.
fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// The address that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let keep = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading
        .to_lowercase()
        .chars()
        .filter(keep)
        .collect::<String>()
        .replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::{super::rules::Catalogue, *};

    const RULES: &str = r#"
        [[section]]
        title = "OAuth 2.0: state & code"
        source = "RFC 6749"
        rules = [
          { id = "state", rule = "A `state|code` works once." },
          { id = "code", rule = "A code works once." },
          { id = "body", rule = "A token travels in a form.", not_applicable = "ours is in the header" },
        ]
    "#;

    #[test]
    fn a_rule_is_shown_with_links_to_its_tests_or_why_it_does_not_apply() {
        let sources = [
            (
                "auth/src/sign_in.rs",
                "/// Rules: state\n#[test]\nfn a_state_works_once() {}",
            ),
            (
                "end2end/tests/tabs.spec.ts",
                "// Rules: state\ntest(`W16: ${a.b()} [twice]`, x);",
            ),
        ]
        .map(|(file, text)| (file.to_owned(), text.to_owned()));
        let page = render(&Evidence::gather(Catalogue::parse(RULES).unwrap(), &sources));
        for line in [
            "| [OAuth 2.0: state & code](#oauth-20-state--code) | 2 | 2 | 1 |",
            "| **in all** | 2 | 2 | 1 |",
            "## OAuth 2.0: state & code",
            "| `state` | A `state\\|code` works once. | [`auth::sign_in::a_state_works_once`](../auth/src/sign_in.rs)<br>\
             [W16: … \\[twice\\]](../end2end/tests/tabs.spec.ts) |",
            "| `code` | A code works once. | **none** |",
            "| `body` | A token travels in a form. | *not applicable:* ours is in the header |",
        ] {
            assert!(
                page.lines().any(|written| written == line),
                "{line}\nis not in\n{page}"
            );
        }
    }
}
