//! `next` against everything that ever led a sign-in astray (promise 6; RFC 9700 §4.11): a corpus of payloads, honest
//! addresses, and what proptest makes up. The judge is the `url` crate, which reads addresses as browsers do.

use std::{cell::Cell, collections::HashSet};

use auth::local_path::LocalPath;
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, RngSeed, TestRunner},
};
use url::{Url, form_urlencoded};

const ORIGIN: &str = "https://app.example";
const HOSTILE: &str = include_str!("../open-redirects.txt");
const HONEST: &str = include_str!("../local-paths.txt");

/// What must become of a payload, as the headings of the corpus have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Refused,
    FallsBack,
    Harmless,
}

/// What the server makes of `?next=…`.
fn decoded(line: &str) -> String {
    let query = format!("next={line}");
    let value = form_urlencoded::parse(query.as_bytes()).next();
    value.map_or_else(String::new, |(_, value)| value.into_owned())
}

fn hostile() -> Vec<(Fate, &'static str, String)> {
    let mut fate = Fate::Refused;
    let mut payloads = Vec::new();
    for line in HOSTILE.lines().filter(|line| !line.is_empty()) {
        match line
            .strip_prefix("# [")
            .and_then(|heading| heading.split_once("] "))
        {
            Some(("refused", _)) => fate = Fate::Refused,
            Some(("falls back", _)) => fate = Fate::FallsBack,
            Some(("harmless", _)) => fate = Fate::Harmless,
            Some((unknown, _)) => panic!("`{unknown}` is no fate"),
            None if line.starts_with('#') => {}
            None => payloads.push((fate, line, decoded(line))),
        }
    }
    payloads
}

/// Where a browser on our origin goes that is redirected to `target`; `None` if that is no address at all.
fn destination(target: &str) -> Option<Url> {
    Url::parse(ORIGIN).and_then(|origin| origin.join(target)).ok()
}

fn stays(target: &str) -> bool {
    destination(target).is_some_and(|url| url.origin().ascii_serialization() == ORIGIN)
}

/// As a proxy does that undoes percent-encoding.
fn decoded_path(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    decoded(&path.replace('+', "%2B").replace('&', "%26"))
}

fn is_part_of_signing_in(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.starts_with("/auth/") || ["/auth", "/login", "/logout"].contains(&path)
}

/// Rules: next-hostile, next-loop, w11, rfc9700-2.1
#[test]
fn every_hostile_payload_meets_its_fate() {
    for (fate, line, next) in hostile() {
        let parsed = LocalPath::parse(&next);
        let lands = LocalPath::parse_or_dashboard(Some(&next));
        match fate {
            Fate::Refused => assert!(parsed.is_err(), "{line} must be refused"),
            Fate::FallsBack => {
                assert!(parsed.is_ok(), "{line} is a path, if not one to go to");
                assert_eq!(lands, LocalPath::dashboard(), "{line} must fall back");
            }
            Fate::Harmless => assert_eq!(lands.as_str(), next, "{line} should be kept"),
        }
        for kept in parsed.iter().chain([&lands]) {
            assert!(
                stays(kept.as_str()),
                "{line} leads to {:?}",
                destination(kept.as_str())
            );
        }
    }
}

/// Rules: next-hostile
#[test]
fn the_corpus_is_as_hostile_as_it_says() {
    let payloads = hostile();
    let distinct: HashSet<_> = payloads.iter().map(|(_, line, _)| line).collect();
    assert_eq!(distinct.len(), payloads.len(), "a payload occurs twice");
    let leaves = |fate| {
        let of_this_fate = payloads.iter().filter(|payload| payload.0 == fate);
        of_this_fate.filter(|(_, _, next)| !stays(next)).count()
    };
    // The rest would need a proxy, an old decoder or a careless redirect in between.
    assert!(
        leaves(Fate::Refused) > 120,
        "{} lead astray",
        leaves(Fate::Refused)
    );
    assert_eq!(leaves(Fate::FallsBack), 0);
    assert_eq!(leaves(Fate::Harmless), 0);
}

/// Rules: next-kept, w11
#[test]
fn every_honest_path_survives_letter_for_letter() {
    let lines: Vec<_> = HONEST
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(lines.len() >= 25, "only {} honest paths", lines.len());
    for line in lines {
        let next = decoded(line);
        assert_eq!(
            LocalPath::parse_or_dashboard(Some(&next)).as_str(),
            next,
            "{line}"
        );
        assert!(stays(&next), "{line} is not that honest");
    }
}

/// What payloads are made of.
const FRAGMENTS: &[&str] = &[
    "/",
    "/",
    "//",
    "\\",
    ".",
    "..",
    ";",
    ":",
    "@",
    "?",
    "#",
    "%",
    "&",
    "=",
    "+",
    ",",
    " ",
    "\t",
    "\n",
    "\r",
    "\0",
    "\u{b}",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{ff0f}",
    "\u{ff0e}",
    "\u{3002}",
    "\u{2100}",
    "%2e",
    "%2E",
    "%2f",
    "%2F",
    "%5c",
    "%5C",
    "%09",
    "%0a",
    "%0D",
    "%00",
    "%20",
    "%23",
    "%3a",
    "%3F",
    "%40",
    "%7f",
    "%25",
    "%25",
    "25",
    "2f",
    "2e",
    "5c",
    "%32",
    "%66",
    "%252f",
    "%255C",
    "%252e",
    "%c0%af",
    "%c2%85",
    "%e2%80%a8",
    "%ef%bc%8f",
    "%ff",
    "evil.example",
    "app.example",
    "[::1]",
    "127.1",
    "2130706433",
    "http:",
    "https:",
    "HTTPS:",
    "javascript:",
    "data:",
    "login",
    "%6cogin",
    "logout",
    "auth",
    "callback",
    "dashboard",
    "a",
];

fn next() -> impl Strategy<Value = String> {
    let made_of_fragments = vec(select(FRAGMENTS), 0..10).prop_map(|parts| parts.concat());
    prop_oneof![
        1 => any::<String>(),
        1 => any::<String>().prop_map(|text| format!("/{text}")),
        // As it is where the person at the keyboard may only type ASCII.
        1 => vec(0x20_u8..0x7f, 0..40).prop_map(|bytes| bytes.into_iter().map(char::from).collect()),
        2 => made_of_fragments.clone(),
        4 => made_of_fragments.prop_map(|text| format!("/{text}")),
    ]
}

/// Rules: next-property, next-hostile, next-loop, rfc9700-2.1
#[test]
fn whatever_next_is_nobody_leaves_the_origin() {
    let config = Config {
        cases: 2048,
        // The same cases on every machine; what they find belongs into the corpus, not into a file of seeds.
        rng_seed: RngSeed::Fixed(0x6e65_7874),
        failure_persistence: None,
        ..Config::default()
    };
    let kept = Cell::new(0);
    let verdict = TestRunner::new(config).run(&next(), |next| {
        let path = LocalPath::parse_or_dashboard(Some(&next));
        let path = path.as_str();
        kept.set(kept.get() + u32::from(path == next));

        prop_assert!(path.starts_with('/') && !path.starts_with("//"), "{path}");
        prop_assert!(!path.contains(char::is_control), "{path}");
        prop_assert!(stays(path), "{path} leads to {:?}", destination(path));
        // An application that prefixes its origin instead of resolving the path.
        let glued = Url::parse(&format!("{ORIGIN}{path}"));
        prop_assert!(
            glued.is_ok_and(|url| url.origin().ascii_serialization() == ORIGIN),
            "{path}"
        );

        // Behind one proxy that decodes, and behind another.
        let once = decoded_path(path);
        let twice = decoded_path(&once);
        for reading in [&once, &twice] {
            prop_assert!(!reading.contains(char::is_control), "{path} is read as {reading}");
            prop_assert!(
                stays(reading),
                "{path} is read as {reading}, at {:?}",
                destination(reading)
            );
        }
        for reading in [path, &once, &twice] {
            let lands = destination(reading).map(|url| url.path().to_owned());
            prop_assert!(
                lands.is_some_and(|lands| !is_part_of_signing_in(&lands)),
                "{path} begins again"
            );
        }
        Ok(())
    });
    if let Err(error) = verdict {
        panic!("{error}");
    }
    assert!(
        kept.get() > 200,
        "only {} of the made-up paths are kept at all",
        kept.get()
    );
}
