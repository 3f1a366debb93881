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
fn the_agent_of_a_wheel_lies_in_the_packages_of_the_same_prefix() {
    let prefix = tempfile::tempdir().unwrap();
    let packages = prefix.path().join("lib/python3.12/site-packages");
    std::fs::create_dir_all(packages.join("escala_agent")).unwrap();
    let homes = agent_homes(None, Some(&prefix.path().join("bin/escala")));
    assert_eq!(homes.last(), Some(&packages));
}

#[test]
fn the_page_stays_readable_at_any_width() {
    assert_eq!([None, Some(0), Some(20), Some(100), Some(400)].map(readable_width), [80, 80, 60, 100, 120]);
}
