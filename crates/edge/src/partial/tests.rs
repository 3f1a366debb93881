use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

/// One item of a list of fields, as it is written.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// None is `*`.
    name: Option<&'static str>,
    below: Vec<Item>,
    has_brackets: bool,
}

/// Names from the top down.
type Path = Vec<Option<&'static str>>;

const NAMES: [&str; 5] = ["a", "b", "c", "é", "x/y"];

/// Lists of fields that repeat themselves and have `*` beside names.
pub(super) fn lists() -> impl Strategy<Value = Vec<Item>> {
    let name = || prop_oneof![3 => prop::sample::select(&NAMES[..]).prop_map(Some), 1 => Just(None)];
    let leaf = name().prop_map(|name| Item { name, below: Vec::new(), has_brackets: false });
    let item = leaf.prop_recursive(3, 12, 3, move |item| {
        let below = prop::collection::vec(item, 0..=3);
        (name(), below, any::<bool>()).prop_map(|(name, below, has_brackets)| Item {
            name,
            below,
            has_brackets,
        })
    });
    prop::collection::vec(item, 1..=4)
}

/// The list as a client writes it.
pub(super) fn write_list(items: &[Item]) -> String {
    let texts: Vec<String> = items.iter().map(write_item).collect();
    texts.join(",")
}

fn write_item(item: &Item) -> String {
    let name = write_name(item.name);
    match item.below.as_slice() {
        [] => name,
        [only] if !item.has_brackets => format!("{name}/{}", write_item(only)),
        below => format!("{name}({})", write_list(below)),
    }
}

/// The list with nothing put together: one path for each thing that is asked for.
pub(super) fn paths(items: &[Item]) -> Vec<Path> {
    let paths_of = |item: &Item| {
        let below = if item.below.is_empty() { vec![Path::new()] } else { paths(&item.below) };
        let name = item.name;
        below.into_iter().map(move |below| [vec![name], below].concat())
    };
    items.iter().flat_map(paths_of).collect()
}

/// Paths as a list of fields.
pub(super) fn write_paths(paths: &[Path]) -> String {
    let texts: Vec<String> = paths.iter().map(|path| write_path(path)).collect();
    texts.join(",")
}

fn write_path(path: &[Option<&str>]) -> String {
    let names: Vec<String> = path.iter().map(|name| write_name(*name)).collect();
    names.join("/")
}

fn write_name(name: Option<&str>) -> String {
    name.map_or("*".to_owned(), |name| name.replace('/', "\\/"))
}

/// What the paths select, as the documentation of `filter` says it. None is left out.
fn select(value: &Value, paths: &[&[Option<&str>]]) -> Option<Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    match value {
        Value::Null => Some(Value::Null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        Value::Array(elements) => {
            let left: Vec<Value> = elements.iter().filter_map(|element| select(element, paths)).collect();
            (elements.is_empty() || !left.is_empty()).then_some(Value::Array(left))
        }
        Value::Object(members) => {
            let mut left = Map::new();
            for (key, value) in members {
                let below = paths.iter().filter(|path| path[0].is_none_or(|name| name == key));
                let below: Vec<&[Option<&str>]> = below.map(|path| &path[1..]).collect();
                if !below.is_empty()
                    && let Some(value) = select(value, &below)
                {
                    left.insert(key.clone(), value);
                }
            }
            Some(Value::Object(left))
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let number = prop::sample::select(vec!["0", "-1", "12.50", "1e5", "-0", "123456789012345678901"]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(|text| serde_json::from_str(text).unwrap()),
        "[ -~é\n\"\\\\]{0,40}".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 5, |value| {
        let key = prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(value.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((key, value), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Values that can be filtered, written in any way: white space and escapes in keys follow from `style`.
fn texts() -> impl Strategy<Value = String> {
    let top = values().prop_map(|value| match value {
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            Value::Array(vec![scalar])
        }
        other => other,
    });
    (top, prop::collection::vec(any::<u8>(), 1..20)).prop_map(|(value, style)| {
        let mut text = String::new();
        write_value(&value, &mut style.iter().copied().cycle(), &mut text);
        text
    })
}

fn write_value(value: &Value, style: &mut impl Iterator<Item = u8>, text: &mut String) {
    write_space(style, text);
    match value {
        Value::Array(elements) => {
            text.push('[');
            for (index, element) in elements.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write_value(element, style, text);
            }
            write_space(style, text);
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write_space(style, text);
                write_key(key, style, text);
                write_space(style, text);
                text.push(':');
                write_value(value, style, text);
            }
            write_space(style, text);
            text.push('}');
        }
        scalar => write!(text, "{scalar}").unwrap(),
    }
    write_space(style, text);
}

fn write_space(style: &mut impl Iterator<Item = u8>, text: &mut String) {
    text.push_str(["", "", " ", "\r\n\t"][usize::from(style.next().unwrap()) % 4]);
}

fn write_key(key: &str, style: &mut impl Iterator<Item = u8>, text: &mut String) {
    text.push('"');
    for character in key.chars() {
        match style.next().unwrap() % 4 {
            0 => write!(text, "\\u{:04x}", u32::from(character)).unwrap(),
            1 if character == '/' => text.push_str("\\/"),
            _ => text.push(character),
        }
    }
    text.push('"');
}

fn parsed(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap()
}

fn filtered(json: &[u8], mask: &Mask) -> Result<Vec<u8>, FilterError> {
    let mut out = Vec::new();
    filter(json, mask, &mut out).map(|()| out)
}

fn star() -> Mask {
    Mask::parse(b"*").unwrap()
}

proptest! {
    #[test]
    fn what_is_selected_is_what_the_paths_say(text in texts(), list in lists()) {
        let mask = Mask::parse(write_list(&list).as_bytes()).unwrap();
        let out = filtered(text.as_bytes(), &mask).unwrap();
        let value = parsed(text.as_bytes());
        let paths = paths(&list);
        let paths: Vec<&[Option<&str>]> = paths.iter().map(Vec::as_slice).collect();
        let expected = select(&value, &paths).unwrap_or(Value::Array(Vec::new()));
        prop_assert_eq!(parsed(&out), expected);
        prop_assert!(out.len() <= text.len());
    }

    #[test]
    fn filtering_again_changes_nothing(text in texts(), list in lists()) {
        let mask = Mask::parse(write_list(&list).as_bytes()).unwrap();
        let once = filtered(text.as_bytes(), &mask).unwrap();
        let twice = filtered(&once, &mask).unwrap();
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn a_star_keeps_every_member_and_every_byte_of_it(one in texts(), other in texts()) {
        let json = format!("{{ \"a\" : {one} , \"\\u0062\":{other}}}");
        let expected = format!("{{\"a\":{},\"\\u0062\":{}}}", one.trim_ascii(), other.trim_ascii());
        let out = filtered(json.as_bytes(), &star()).unwrap();
        prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    /// One byte is changed: what is still JSON for another parser is so for us, and the other way round.
    #[test]
    fn what_is_json_is_decided_as_serde_json_does(
        text in texts(),
        at in any::<prop::sample::Index>(),
        byte in prop::sample::select(&b"{}[]\",:0123456789.eE+-tfnu\\/ \t\x1f\x7f\xff\xc3a"[..]),
        deletes in any::<bool>(),
        inserts in any::<bool>(),
    ) {
        let mut json = text.into_bytes();
        let at = at.index(json.len());
        json.splice(at..at + usize::from(deletes), inserts.then_some(byte));
        let ours = filtered(&json, &star());
        match serde_json::from_slice::<Value>(&json) {
            Ok(_) => prop_assert!(matches!(ours, Ok(_) | Err(FilterError::Scalar)), "{ours:?}"),
            // A matter of its types, not of the grammar.
            Err(error) if error.to_string().contains("out of range") => {}
            Err(error) => prop_assert!(ours.is_err(), "{error}"),
        }
    }

    #[test]
    fn no_bytes_are_too_strange(
        json in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "[\\[\\]{}\",:0-9eE.+ntrufalse\\\\ -]{0,60}".prop_map(String::into_bytes),
            r#"[\[{]"[a\\u0-9d]{0,30}":?[\]}]?"#.prop_map(String::into_bytes),
        ],
        list in lists(),
    ) {
        let mask = Mask::parse(write_list(&list).as_bytes()).unwrap();
        let mut out = b"before".to_vec();
        match filter(&json, &mask, &mut out) {
            Ok(()) => {
                prop_assert!(out.starts_with(b"before") && out.len() <= b"before".len() + json.len());
            }
            Err(FilterError::Syntax { at }) => {
                prop_assert!(at <= json.len());
                prop_assert_eq!(out, b"before");
            }
            Err(_) => prop_assert_eq!(out, b"before"),
        }
    }
}
