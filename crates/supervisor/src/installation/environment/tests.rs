use super::*;

fn answered(answers: &str) -> Result<PythonEnvironment, String> {
    PythonEnvironment::from_answers(Path::new("python"), answers.as_bytes())
        .map_err(|error| error.to_string())
}

#[test]
fn an_environment_is_what_its_interpreter_says() {
    let environment = answered("/venv/lib/python3.12/site-packages\x000\x003.12\x001\0cpython").unwrap();
    assert_eq!(environment, PythonEnvironment::at(Path::new("/venv/lib/python3.12/site-packages"), false));
    assert!(answered("/usr/lib/dist-packages\x001\x003.12\x001\0cpython").unwrap().is_externally_managed());
}

#[test]
fn an_interpreter_that_cannot_carry_the_agent_is_named() {
    for (version, new_enough, kind, what) in [
        ("3.9", 0, "cpython", "Python 3.9"),
        ("3.13", 1, "cpythont", "a free-threaded Python 3.13"),
        ("3.11", 1, "pypy", "pypy 3.11"),
    ] {
        assert_eq!(
            answered(&format!("/venv/site-packages\x000\0{version}\0{new_enough}\0{kind}")).unwrap_err(),
            format!("python is {what}, and the agent needs CPython 3.10 or newer with its global lock")
        );
    }
}

#[test]
fn what_is_no_python_is_told_apart() {
    for answers in ["", "hello", "relative\x000\x003.12\x001\0cpython", "/a\x000\x003.12\x001\0cpython\0more"]
    {
        assert_eq!(answered(answers).unwrap_err(), "python does not answer as a Python 3 does");
    }
    let silent = PythonEnvironment::of(Path::new("/bin/false")).unwrap_err();
    assert_eq!(silent.to_string(), "/bin/false does not answer as a Python 3 does");
    let absent = PythonEnvironment::of(Path::new("/nowhere/python")).unwrap_err();
    assert_eq!(absent.to_string(), "cannot run /nowhere/python");
}
