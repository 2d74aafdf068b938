//! `docs/errors.md`, made from the table of problems.

use std::fmt::Write as _;

use super::{ProblemKind, table::Level};

/// `docs/errors.md`.
fn documentation() -> String {
    let mut text = String::from(
        "# What can go wrong for a person\n\n\
         Every failure has a page with these words, its status and a reference number. The log has one line with the same\n\
         reference (`request.id`), the label as `problem.kind`, and the cause. Made from `app/src/problem/table.rs`; a\n\
         test keeps the two alike. `cargo xtask dev` shows all the pages at `/problems`.\n\n\
         | label | what happened | status | log | the page says |\n|---|---|---|---|---|\n",
    );
    for kind in ProblemKind::ALL {
        let row = kind.row();
        let level = match row.level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let retry = row
            .retry_after
            .map_or_else(String::new, |seconds| format!(", `Retry-After: {seconds}`"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | {} | {}{retry} | {level} | **{}** {} → {} |",
            row.label, row.happened, row.status, row.title, row.text, row.way_out.label
        );
    }
    text.push_str(
        "\nThree things change a row. A `Retry-After` that the provider sent takes the place of ours (at most 5 minutes).\n\
         An answer of the provider that this browser did not ask for has status 400 and is logged at info, whatever it\n\
         says; one that it did ask for, but which came through the browser all the same, is logged at warn at most: only\n\
         what the provider tells us directly may raise an alarm. And an error that has no row of its own, such as a body\n\
         that is too large, keeps its status under the row that is nearest.\n\n\
         Scripts (`Accept: application/json`) get JSON instead from whatever is protected: 401, 403 and 503 with `error`.\n",
    );
    text
}

#[test]
fn docs_errors_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, documentation()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        written,
        documentation(),
        "docs/errors.md is stale: run `UPDATE_DOCS=1 cargo nextest run -p app docs_errors`"
    );
}
