//! The tables of the reference pages, made from the keys, and a test that they are current.

use super::edge::EDGE;
use super::key::{Section, Standard};
use super::project::{CAPTURE, CHECK, PROJECT};

/// A page of `docs/reference/`, and the tables that it explains.
const PAGES: [(&str, &[&Section]); 2] = [
    (
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/escala-toml.md"),
        &[&PROJECT, &CAPTURE, &CHECK],
    ),
    (concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/edge.md"), &[&EDGE]),
];

#[test]
fn the_pages_are_current() {
    for (path, sections) in PAGES {
        let written = std::fs::read_to_string(path).expect("the page can be read");
        let current = sections.iter().fold(written.clone(), |page, section| with_tables(&page, section));
        if std::env::var_os("ESCALA_UPDATE_REFERENCE").is_some() {
            std::fs::write(path, &current).expect("the page can be written");
        }
        let written = std::fs::read_to_string(path).expect("the page can be read");
        assert!(
            written == current,
            "{path} is not what the keys say: run `ESCALA_UPDATE_REFERENCE=1 cargo test -p escala the_pages_are_current`"
        );
    }
}

/// The page with the tables of a section, and of those in it, as they should be.
fn with_tables(page: &str, section: &Section) -> String {
    let begin = format!("<!-- keys of {} -->\n", section.heading());
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("a page without {begin}"));
    let (_, after) = rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("no end of {begin}"));
    let page = format!("{before}{begin}{}<!-- end -->{after}", table(section));
    section.sections.iter().fold(page, |page, section| with_tables(&page, section))
}

fn table(section: &Section) -> String {
    let mut text = "| key | takes | default | example | meaning |\n|---|---|---|---|---|\n".to_owned();
    for key in section.keys {
        let described = key.described();
        let standard = match described.standard {
            Standard::Toml(value) => format!("`{value}`"),
            Standard::Words(words) => words.to_owned(),
        };
        let cells = [
            format!("`{}`", key.name()),
            described.takes,
            standard,
            format!("`{}`", described.example),
            described.about.to_owned(),
        ];
        text.push_str("| ");
        text.push_str(&cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
        text.push_str(" |\n");
    }
    text
}
