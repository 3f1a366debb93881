use super::*;

fn member(name: &str, depends_on: &[&str]) -> Member {
    Member {
        name: name.into(),
        depends_on: depends_on.iter().map(|name| (*name).to_owned()).collect(),
        licence: LICENCE.into(),
    }
}

fn what(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.what.as_str()).collect()
}

#[test]
fn a_member_stands_after_what_it_depends_on() {
    let ordered = [member("observation", &[]), member("store", &["observation"])];
    assert_eq!(what(&problems(&ordered)), [] as [&str; 0]);
    let reversed = [member("store", &["observation"]), member("observation", &[])];
    assert_eq!(what(&problems(&reversed)), ["`store` stands before `observation`, which it depends on"]);
}

#[test]
fn every_member_names_both_licences() {
    let unlicensed = Member { licence: String::new(), ..member("store", &[]) };
    assert_eq!(what(&problems(&[unlicensed])), ["`store` is not licensed as MIT OR Apache-2.0"]);
}
