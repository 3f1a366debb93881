//! Every key, from the table that its page is made of: what is said to be the default is it, and the example is read.

use super::*;
use crate::settings::key::Standard;

/// What a section, or one of its keys, cannot do without.
const COMPANIONS: [(&str, &str, &str); 8] = [
    ("edge.tls", "listen", "\"127.0.0.1:9443\""),
    ("edge.tls", "certificate", "\"a.pem\""),
    ("edge.tls", "key", "\"b.pem\""),
    ("edge.app.health_interval", "health", "\"/\""),
    ("edge.admin.token_file", "socket", "\"a.sock\""),
    ("edge.route", "path", "\"/x/\""),
    ("edge.static", "url", "\"/x/\""),
    ("edge.static", "directory", "\"x\""),
];

/// A file that says one thing, and what it needs for that.
fn file(section: &Section, key: &str, value: Option<&str>) -> String {
    let name = format!("{}.{key}", section.name);
    let mut lines = vec!["[edge]".to_owned()];
    if name != "edge.upstream" {
        lines.push("upstream = \"127.0.0.1:9000\"".to_owned());
    }
    if section.name != EDGE.name {
        lines.push(section.heading());
    }
    for (of, companion, value) in COMPANIONS {
        if (of == section.name || of == name) && companion != key {
            lines.push(format!("{companion} = {value}"));
        }
    }
    lines.extend(value.map(|value| format!("{key} = {value}")));
    lines.join("\n") + "\n"
}

fn outcome(text: &str) -> (Config, Option<PathBuf>) {
    let resolved = resolve(text, &Overrides::default()).unwrap_or_else(|error| panic!("{error} in\n{text}"));
    (resolved.config, resolved.token.map(|token| token.path))
}

fn sections() -> impl Iterator<Item = &'static Section> {
    std::iter::once(&EDGE).chain(EDGE.sections.iter().copied())
}

#[test]
fn what_is_said_to_be_the_default_is_the_default() {
    let mut checked = 0;
    for section in sections() {
        for key in section.keys {
            if let Standard::Toml(value) = key.described().standard {
                let [with, without] =
                    [Some(value), None].map(|value| outcome(&file(section, key.name(), value)));
                assert_eq!(with, without, "{}.{}", section.name, key.name());
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn every_example_is_read_and_is_another_value_than_the_default() {
    for section in sections() {
        for key in section.keys {
            let example = file(section, key.name(), Some(key.described().example));
            let without = file(section, key.name(), None);
            let with = outcome(&example);
            if let Ok(without) = resolve(&without, &Overrides::default()) {
                let without = (without.config, without.token.map(|token| token.path));
                assert_ne!(with, without, "{}.{}", section.name, key.name());
            }
        }
    }
}

#[test]
fn every_key_stands_in_the_file_that_says_everything() {
    let document = Document::parse(include_str!("whole.toml"), &FILE_SECTION).unwrap();
    let edge = document.root().open(&EDGE).unwrap().unwrap();
    let has = |table: &Table<'_>, section: &Section| {
        for key in section.keys {
            assert!(table.has(key.name()), "{}.{}", section.name, key.name());
        }
    };
    has(&edge, &EDGE);
    for section in EDGE.sections {
        if !section.is_list {
            has(&edge.open(section).unwrap().unwrap(), section);
        }
    }
}

#[test]
fn the_file_on_the_page_can_be_used() {
    let page = include_str!("../../../../../../docs/reference/edge.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    let config = config(text);
    assert_eq!((config.routes.len(), config.statics.len(), config.gate.concurrency), (1, 1, 4));
}
