use std::io;

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("cannot read the store")]
struct Outer(#[source] io::Error);

#[test]
fn an_error_is_one_line_with_its_sources() {
    let error = Outer(io::Error::other("disk\n  on fire"));
    assert_eq!(chain(&error), "cannot read the store: disk on fire");
}

#[test]
fn a_missing_command_has_the_status_a_shell_would_give() {
    let code = |error: CommandError| exit_code(&anyhow::Error::from(RunError::from(error)));
    assert_eq!(code(CommandError::NotFound("x".into())), 127);
    assert_eq!(code(CommandError::NotExecutable("x".into())), 126);
    assert_eq!(code(CommandError::Empty), 2);
}

#[test]
fn bad_input_is_told_from_a_fault() {
    assert_eq!(exit_code(&anyhow::Error::from(UsageError::UnknownFinding("x".into()))), 2);
    assert_eq!(exit_code(&anyhow::Error::from(OpenError::NotFound { dir: ".escala".into() })), 2);
    assert_eq!(exit_code(&anyhow::anyhow!("disk on fire")), 1);
}
