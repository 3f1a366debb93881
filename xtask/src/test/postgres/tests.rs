use super::*;
use crate::testing::Scratch;

fn install(scratch: &Scratch, version: &str, programs: &[&str]) {
    for program in programs {
        scratch.write(&format!("{version}/bin/{program}"), "");
    }
}

#[test]
fn the_newest_complete_installation_is_taken() {
    let scratch = Scratch::new("postgres");
    install(&scratch, "9", &PROGRAMS);
    install(&scratch, "15", &PROGRAMS);
    install(&scratch, "17", &["pg_ctl"]);
    assert_eq!(newest(&scratch.path("")), Some(scratch.path("15/bin")));
}

#[test]
fn client_programs_alone_are_no_installation() {
    let scratch = Scratch::new("postgres-client");
    install(&scratch, "16", &["psql", "pg_dump"]);
    assert_eq!(newest(&scratch.path("")), None);
    assert_eq!(newest(&scratch.path("missing")), None);
}
