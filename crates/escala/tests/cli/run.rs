//! `escala run` with commands that can and cannot be observed.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use observation::{Process, Transaction, TransactionKind};

use crate::support::{Project, send};

const NO_PYTHON: &str = "escala: nothing recorded: the command started no Python that loads Escala's agent: is it \
    Python, is PYTHONPATH passed on, and is it run without -I, -E and -S?\n\
    escala: hint: where the environment is not passed on, put the agent into the server's Python with `escala agent \
    install`, or call `import escala_agent; escala_agent.start()` first thing in wsgi.py\n";

#[test]
fn no_command() {
    let project = Project::new();
    project.run(&["run"]).expect(
        2,
        "escala: error: there is no command to run\nescala: hint: escala run -- gunicorn shop.wsgi\n",
    );
    assert!(!project.store().exists());
}

#[test]
fn a_command_that_does_not_exist() {
    let project = Project::new();
    project
        .run(&["run", "--", "gunicron", "shop.wsgi"])
        .expect(127, "escala: error: gunicron: command not found\n");
    assert!(!project.store().exists());
}

#[test]
fn a_file_that_is_no_program() {
    let project = Project::new();
    project.write("site/manage.py", "print('hello')\n");
    project
        .run(&["run", "--", "./manage.py", "runserver"])
        .expect(126, "escala: error: ./manage.py: not an executable file\n");
}

#[test]
fn python_that_keeps_the_agent_out() {
    let project = Project::new();
    project.program("python3", "#!/bin/sh\ntouch started\n");
    project.program("serve", "#!/usr/bin/python3 -I\n");
    let hint = "escala: hint: run Python without -I, -E and -S, as a virtual environment isolates it as well; or, with \
        -I or -E, put the agent into its environment: escala agent install\n";
    let refusal = |program: &str| {
        format!(
            "escala: error: {program} is run with -I, which makes Python ignore PYTHONPATH: Escala's agent would not \
             be loaded\n{hint}"
        )
    };
    project.run(&["run", "--", "python3", "-Im", "gunicorn"]).expect(2, &refusal("python3"));
    let serve = project.root().with_file_name("bin").join("serve");
    project.run(&["run", "--", "serve"]).expect(2, &refusal(&serve.display().to_string()));
    assert!(!project.root().join("started").exists() && !project.store().exists());
}

#[test]
fn no_agent() {
    let project = Project::new();
    fs::remove_dir_all(project.root().with_file_name("agent")).unwrap();
    let ended = project.run_shell("touch started");
    assert_eq!(ended.status.code(), Some(1));
    let (error, hint) = ended.stderr.split_once('\n').unwrap();
    assert!(
        error.starts_with("escala: error: Escala's agent is not installed beside the binary; looked in /"),
        "{error}"
    );
    assert_eq!(
        hint,
        "escala: hint: build it with `cargo xtask build`, install the wheel again, or name its directory in \
         ESCALA_AGENT_HOME\n"
    );
    assert!(!project.root().join("started").exists());
}

#[test]
fn a_command_that_is_not_python() {
    let ended = Project::new().run_shell("echo served").expect(3, NO_PYTHON);
    assert_eq!(ended.stdout, "served\n");
}

#[test]
fn the_status_of_a_command_that_failed_is_its_own() {
    Project::new().run_shell("exit 7").expect(7, NO_PYTHON);
}

#[test]
fn python_without_django() {
    Project::new()
        .run_shell("echo \"$$ python 3.12.1 started\" >> \"$ESCALA_JOURNAL\"")
        .expect(3, "escala: nothing recorded: Python 3.12.1 started, but it did not import Django\n");
}

#[test]
fn python_too_old() {
    Project::new()
        .run_shell("echo \"$$ unsupported Python 3.8.2: Escala needs 3.10 or newer\" >> \"$ESCALA_JOURNAL\"")
        .expect(3, "escala: nothing recorded: Python 3.8.2: Escala needs 3.10 or newer\n");
}

#[test]
fn django_without_traffic_is_no_fault() {
    let script = "echo \"$$ python 3.12.1 started\n$$ django 5.2.19 armed\" >> \"$ESCALA_JOURNAL\"";
    Project::new().run_shell(script).expect(
        0,
        "escala: nothing recorded: Django 5.2.19 is running under Escala, but it answered no request and ran no test\n",
    );
}

#[test]
fn a_disarmed_agent_leaves_the_status_alone() {
    let script = "echo \"$$ django 5.2.19 armed\n$$ disarmed KeyError: 'x'\" >> \"$ESCALA_JOURNAL\"";
    Project::new()
        .run_shell(script)
        .expect(0, "escala: nothing recorded: Escala's agent switched itself off: KeyError: 'x'\n");
}

#[test]
fn what_the_command_finds() {
    let project = Project::new();
    let script = "cat; echo \"$PYTHONPATH\" >&2; echo \"$ESCALA_PROJECT_ROOT\" >&2; test -S \"$ESCALA_SOCKET\"; \
        test -f \"$ESCALA_JOURNAL\"; pwd >&2";
    let mut child = project
        .escala(&["run", "--dashboard", "off", "sh", "-ec", script])
        .env("PYTHONPATH", "/shop/lib")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"from outside").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "from outside");
    let root = project.root().canonicalize().unwrap();
    let bootstrap = root.with_file_name("agent").join("escala_agent/bootstrap");
    let expected =
        format!("{}:/shop/lib\n{root}\n{root}\n{NO_PYTHON}", bootstrap.display(), root = root.display());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
}

#[test]
fn a_command_that_shows_no_agent_for_ten_seconds_is_told_of_meanwhile() {
    // The line is there before the command ends, and is not said twice.
    let script = "sleep 10.5; echo ended >&2";
    let so_far = NO_PYTHON.replace("nothing recorded:", "nothing recorded so far:");
    Project::new().run_shell(script).expect(3, &format!("{so_far}ended\n"));
}

#[test]
fn a_process_with_a_clean_environment_finds_the_run_by_a_file() {
    let project = Project::new();
    project.write("site/escala.toml", "[project]\nsource = [\".\", \"../agent\"]\nexclude = [\"vendor\"]\n\n[capture]\nnot_secret = [\"code\"]\n");
    let script = "stat -c %a .escala/live; tr '\\0' '\\n' < .escala/live; echo; env | grep ^ESCALA_ | sort";
    let ended = project.run_shell(script).expect(3, NO_PYTHON);
    let (live, environment) = ended.stdout.split_once("\n\n").unwrap();
    let mut live: Vec<_> = live.lines().collect();
    assert_eq!(live.remove(0), "600");
    live.sort_unstable();
    let names: Vec<_> = live.iter().filter_map(|line| line.split('=').next()).collect();
    assert_eq!(
        names,
        [
            "ESCALA_EXCLUDE",
            "ESCALA_JOURNAL",
            "ESCALA_NOT_SECRET",
            "ESCALA_PROJECT_ROOT",
            "ESCALA_SOCKET",
            "ESCALA_SOURCE"
        ]
    );
    // What the command itself finds; the tests' own variables are there as well.
    let environment: Vec<_> = environment.lines().collect();
    assert!(live.iter().all(|line| environment.contains(line)), "{live:?} {environment:?}");
    let around = project.root().parent().unwrap().canonicalize().unwrap().display().to_string();
    assert!(live.contains(&format!("ESCALA_SOURCE={around}/agent:{around}/site").as_str()), "{live:?}");
    assert!(live.contains(&format!("ESCALA_EXCLUDE={around}/site/vendor").as_str()), "{live:?}");
    assert!(!project.store().join("live").exists());
}

#[test]
fn settings_that_mean_nothing_stop_everything() {
    let project = Project::new();
    project.write("site/escala.toml", "[project]\nsources = [\"src\"]\n");
    let error = "escala: error: escala.toml:2: there is no `sources` in [project]; did you mean `source`?\n";
    for arguments in [&["run", "--", "touch", "started"][..], &["report"], &["fix"]] {
        project.run(arguments).expect(2, error);
    }
    assert!(!project.root().join("started").exists() && !project.store().exists());
}

#[test]
fn traffic_is_recorded_and_counted() {
    let project = Project::new();
    let running = project.start_shell(
        "echo \"$ESCALA_SOCKET\" > path && mv path ready; while [ ! -e done ]; do sleep 0.02; done; exit 4",
    );
    let transaction = |serial| Transaction {
        serial,
        kind: TransactionKind::Http,
        method: "GET".into(),
        route: "/health/".into(),
        status: 200,
        ..Transaction::default()
    };
    send(
        Path::new(project.wait_for("ready").trim()),
        Process { pid: 1, ..Process::default() },
        vec![transaction(1), transaction(2)],
    );
    project.write("site/done", "");
    running.wait().expect(
        4,
        "escala: 2 transactions recorded (0 dropped) in .escala; see where it is slow: escala report\n",
    );
    assert!(!project.store().join("run").exists());
    assert_eq!(fs::read_to_string(project.store().join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn a_deep_project_has_its_socket_elsewhere() {
    let project = Project::new();
    let deep = project.root().join("d".repeat(100));
    fs::create_dir(&deep).unwrap();
    let ended = project
        .escala_in(
            &deep,
            &[
                "run",
                "--dashboard",
                "off",
                "--",
                "sh",
                "-ec",
                "test -S \"$ESCALA_SOCKET\"; echo \"$ESCALA_SOCKET\"",
            ],
        )
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(3));
    let socket = String::from_utf8(ended.stdout).unwrap();
    let directory = Path::new(socket.trim()).parent().unwrap();
    assert!(!directory.starts_with(&deep) && !directory.exists(), "{}", directory.display());
}

#[test]
fn another_store_is_named_with_the_same_option_everywhere() {
    let project = Project::new();
    project.run(&["run", "--dashboard", "off", "--store", "traffic", "--", "true"]).expect(3, NO_PYTHON);
    assert!(project.root().join("traffic").is_dir() && !project.store().exists());
}

#[test]
fn a_mistake_on_the_command_line() {
    let project = Project::new();
    project.run(&["reprot"]).expect(
        2,
        "escala: error: unrecognized subcommand 'reprot'\nescala: hint: a similar subcommand exists: 'report'\n",
    );
    let help = project.run(&["--help"]).expect(0, "");
    assert!(help.stdout.contains("escala <COMMAND>"), "{}", help.stdout);
}
