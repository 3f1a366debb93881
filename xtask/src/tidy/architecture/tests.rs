use super::*;

const TABLE: &str = "\
# Architecture

| crate | is | may depend on | invariant |
|---|---|---|---|
| `observation` | what happened | – | no clock |
| `store` | the recorder | `observation` | nobody else knows SQLite |

| crate | is | may depend on |
|---|---|---|
| `other` | another table | – |
";

fn members(edges: &[(&str, &[&str])]) -> Vec<Member> {
    let member = |(name, depends_on): &(&str, &[&str])| Member {
        name: (*name).to_owned(),
        depends_on: depends_on.iter().map(|name| (*name).to_owned()).collect(),
        ..Member::default()
    };
    edges.iter().map(member).collect()
}

fn check(text: &str, edges: &[(&str, &[&str])]) -> Vec<String> {
    let file = TextFile { path: FILE.into(), text: text.into() };
    problems(&[file], &members(edges)).iter().map(Problem::to_string).collect()
}

#[test]
fn a_table_that_says_what_cargo_says_is_right() {
    assert_eq!(check(TABLE, &[("observation", &[]), ("store", &["observation"])]), [] as [&str; 0]);
}

#[test]
fn an_edge_that_is_not_in_the_table_is_forbidden() {
    assert_eq!(
        check(TABLE, &[("observation", &["store"]), ("store", &["observation"])]),
        ["ARCHITECTURE.md:5: `observation` may depend on –, and does depend on store"]
    );
}

#[test]
fn an_edge_that_nobody_uses_is_not_promised() {
    assert_eq!(
        check(TABLE, &[("observation", &[]), ("store", &[])]),
        ["ARCHITECTURE.md:6: `store` may depend on observation, and does depend on –"]
    );
}

#[test]
fn the_table_has_every_crate_and_no_other() {
    assert_eq!(
        check(TABLE, &[("observation", &[]), ("analysis", &[])]),
        [
            "ARCHITECTURE.md:6: there is no crate `store`",
            "ARCHITECTURE.md: the table lacks the crate `analysis`"
        ]
    );
}

#[test]
fn the_table_has_the_order_of_the_manifest() {
    assert_eq!(
        check(TABLE, &[("store", &["observation"]), ("observation", &[])]),
        ["ARCHITECTURE.md: the table's crates are not in the order of Cargo.toml"]
    );
}

#[test]
fn a_page_without_the_table_is_no_architecture() {
    assert_eq!(
        check("# Architecture\n", &[]),
        ["ARCHITECTURE.md: has no table headed `crate | is | may depend on`"]
    );
    assert_eq!(problems(&[], &[])[0].to_string(), "ARCHITECTURE.md: is missing");
}
