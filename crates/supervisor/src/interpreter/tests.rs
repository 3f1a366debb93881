use super::*;

fn of(command: &str) -> Option<&'static str> {
    blocked(command.split(' ')).map(|blocked| blocked.flag.as_str())
}

#[test]
fn finds_the_flags_that_keep_the_agent_out() {
    for (command, flag) in [
        ("python -I manage.py runserver", "-I"),
        ("/usr/bin/python3.12 -E manage.py", "-E"),
        ("python3 -S -m gunicorn", "-S"),
        ("python3 -Im gunicorn shop.wsgi", "-I"),
        ("python3 -uBE manage.py", "-E"),
        ("python3 -W error -I manage.py", "-I"),
        ("python3 -Werror -I manage.py", "-I"),
        ("python3 -X dev -S manage.py", "-S"),
        ("python3 --check-hash-based-pycs never -I manage.py", "-I"),
        ("python3.13t -I manage.py", "-I"),
        ("env DEBUG=1 python3 -I manage.py", "-I"),
        ("/usr/bin/env -u HOME -S python3 -I manage.py", "-I"),
    ] {
        assert_eq!(of(command), Some(flag), "{command}");
    }
}

#[test]
fn leaves_alone_what_is_not_a_blocking_flag_of_python() {
    for command in [
        "python manage.py -I",
        "python -m gunicorn -I shop.wsgi",
        "python -cI manage.py",
        "python -u -s -P manage.py",
        "python -W I manage.py",
        "python -X I manage.py",
        "python - -I",
        "python -- -I",
        "gunicorn -I shop.wsgi",
        "pythonish -I",
        "env -i",
        "python",
    ] {
        assert_eq!(of(command), None, "{command}");
    }
}

#[test]
fn reads_the_first_line_of_a_script() {
    let of = |start: &str| {
        blocked_script(start.as_bytes()).map(|blocked| (blocked.interpreter, blocked.flag.as_str()))
    };
    assert_eq!(of("#!/usr/bin/python3 -I\nimport sys\n"), Some(("/usr/bin/python3".into(), "-I")));
    assert_eq!(of("#! /usr/bin/env -S python3 -sE\n"), Some(("python3".into(), "-E")));
    assert_eq!(of("#!/usr/bin/python3 -sP\n"), None);
    assert_eq!(of("#!/usr/bin/python3\n# -I\n"), None);
    assert_eq!(of("\x7fELF -I"), None);
}
