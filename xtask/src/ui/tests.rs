use super::*;

fn file(path: &str, text: &str) -> TextFile {
    TextFile { path: path.into(), text: text.into() }
}

#[test]
fn the_fingerprint_is_of_the_sources_and_of_nothing_else() {
    let main = file("crates/dashboard/ui/src/main.tsx", "a");
    let before = fingerprint(std::slice::from_ref(&main));
    let with_others = [
        main,
        file("crates/dashboard/src/lib.rs", "b"),
        file("crates/dashboard/ui/dist/app.js", "c"),
        file("docs/reference/fix-json.md", "d"),
    ];
    assert_eq!(fingerprint(&with_others), before);
    for changed in [
        file("crates/dashboard/ui/src/main.tsx", "A"),
        file("crates/dashboard/ui/src/other.tsx", "a"),
        file("docs/reference/dashboard-openapi.json", "{}"),
    ] {
        assert_ne!(fingerprint(&[changed]), before);
    }
}
