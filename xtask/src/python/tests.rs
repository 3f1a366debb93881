use super::*;

fn python(minor: Minor, makes_environments: bool) -> Python {
    Python { program: format!("python3.{minor}").into(), minor, patch: 0, makes_environments }
}

#[test]
fn the_most_welcome_version_is_chosen() {
    let found = [python(10, true), python(13, true), python(12, true)];
    assert_eq!(choose(found.into_iter(), &[12, 13, 11, 10]), Some(python(12, true)));
}

#[test]
fn an_interpreter_that_makes_environments_beats_one_that_does_not() {
    let found = [python(12, false), python(10, true)];
    assert_eq!(choose(found.into_iter(), &[12, 10]), Some(python(10, true)));
}

#[test]
fn an_unwelcome_version_is_not_chosen() {
    assert_eq!(choose([python(9, true)].into_iter(), &[12, 10]), None);
}

#[test]
fn an_interpreter_is_what_it_says_it_is() {
    let path = Path::new("python3");
    let parsed = parse_probe(path, "3 12 1 1 cpython\n").unwrap();
    assert_eq!((parsed.minor, parsed.patch, parsed.makes_environments), (12, 1, true));
    assert_eq!(parse_probe(path, "2 7 18 1 cpython\n"), None);
    assert_eq!(parse_probe(path, "3 11 0 1 pypy\n"), None);
    assert_eq!(parse_probe(path, ""), None);
}

#[test]
fn parts_cannot_flow_into_each_other() {
    let hash = |parts: &[&str]| {
        let mut hash = Fnv::default();
        for part in parts {
            hash.add(part.as_bytes());
        }
        hash.0
    };
    assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
    assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
}
