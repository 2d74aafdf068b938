//! What stands on a page: as much of its markup as tests point at.

use app::routes;

/// The pages of the organization's settings that have one section each.
pub(crate) fn sections() -> impl Iterator<Item = &'static str> {
    let pages = routes::PAGES.iter().map(|(path, _)| *path);
    pages.filter(|path| path.starts_with(routes::SETTINGS) && *path != routes::SETTINGS)
}

/// The section of the settings whose own page is at `path`, with whatever query.
#[track_caller]
pub(crate) fn section<'p>(page: &'p str, path: &str) -> &'p str {
    let mark = format!("data-section=\"{path}");
    let mut sections = page.split(&mark).skip(1);
    let section = sections.find(|rest| rest.starts_with(['"', '?']));
    assert!(section.is_some(), "there is no section {path} in {page}");
    before(section.unwrap(), "</section>")
}

/// The rows of all lists on `page`.
pub(crate) fn rows(page: &str) -> impl Iterator<Item = &str> {
    let rows = page.split("<li class=\"row").skip(1);
    rows.map(|row| before(row, "</section>"))
}

/// The first row that has `text`.
#[track_caller]
pub(crate) fn row<'p>(page: &'p str, text: &str) -> &'p str {
    let found = rows(page).find(|row| row.contains(text));
    assert!(found.is_some(), "there is no row with {text:?} in {page}");
    found.unwrap()
}

/// The value of the first hidden field called `name`.
#[track_caller]
pub(crate) fn hidden<'p>(part: &'p str, name: &str) -> &'p str {
    let name = format!("name=\"{name}\"");
    let mut tags = part.split('<').filter(|tag| tag.starts_with("input "));
    let field = tags.find(|tag| tag.contains(&name) && tag.contains("type=\"hidden\""));
    assert!(field.is_some(), "there is no hidden field {name} in {part}");
    let (_, value) = field.unwrap().split_once("value=\"").unwrap();
    before(value, "\"")
}

/// Whether the switch of what is called `id` is on.
#[track_caller]
pub(crate) fn is_on(part: &str, id: &str) -> bool {
    let mark = format!("value=\"{id}\"");
    assert!(part.contains(&mark), "there is no switch of {id} in {part}");
    let (_, switch) = part.split_once(&mark).unwrap();
    let (_, state) = switch.split_once("aria-checked=\"").unwrap();
    before(state, "\"") == "true"
}

/// What people read in `markup`.
pub(crate) fn text_of(markup: &str) -> String {
    let mut pieces = markup.split('<');
    let first = pieces.next().unwrap_or_default();
    let rest = pieces.filter_map(|piece| piece.split_once('>'));
    let text: String = std::iter::once(first).chain(rest.map(|(_, text)| text)).collect();
    text.trim().to_owned()
}

/// Whether `text` has something in it that looks like a token: a JWT, or a refresh token of the emulator.
pub(crate) fn has_token(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    text.split(|letter: char| !is_part(letter)).any(|word| {
        let is_jwt = word.contains("eyJ") && word.matches('.').count() >= 2;
        let is_refresh_token = word.strip_prefix("rt_").is_some_and(|rest| rest.len() >= 43);
        is_jwt || is_refresh_token
    })
}

fn before<'p>(text: &'p str, end: &str) -> &'p str {
    text.split(end).next().unwrap_or_default()
}
