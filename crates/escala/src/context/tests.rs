use super::*;

#[test]
fn the_agent_that_the_user_names_is_the_only_one_tried() {
    let homes = agent_homes(Some(OsStr::new("/mine")), Some(Path::new("/nowhere/bin/escala")));
    assert_eq!(homes, [Path::new("/mine")]);
}

#[test]
fn the_agent_lies_beside_the_binary_or_in_its_prefix() {
    let homes = agent_homes(None, Some(Path::new("/nowhere/bin/escala")));
    assert_eq!(homes, [Path::new("/nowhere/bin/agent"), Path::new("/nowhere/share/escala/agent")]);
}

#[test]
fn the_page_stays_readable_at_any_width() {
    assert_eq!([None, Some(0), Some(20), Some(100), Some(400)].map(readable_width), [80, 80, 60, 100, 120]);
}
