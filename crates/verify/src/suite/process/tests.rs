use tempfile::TempDir;

use super::*;

fn invocation<'a>(directory: &'a TempDir, command: &'a str) -> Invocation<'a> {
    let path = directory.path();
    Invocation { command, working_directory: path, bootstrap: path, python_path: None, directory: path }
}

/// A guard over a directory of no use to the run.
fn guard() -> (TempDir, Guard) {
    let swept = TempDir::new().unwrap();
    let guard = Guard::start(swept.path()).unwrap();
    (swept, guard)
}

fn run_within(limit: Duration, invocation: Invocation<'_>) -> Ending {
    run(invocation, limit, &mut guard().1).unwrap()
}

fn run_shell(command: &str) -> Ending {
    run_within(Duration::from_mins(1), invocation(&TempDir::new().unwrap(), command))
}

#[test]
fn a_command_ends_as_it_ends() {
    assert_eq!(run_shell("echo fine"), Ending::Success);
    let failure = |code, reason: &str| Ending::Failure { code, reason: reason.into() };
    assert_eq!(run_shell("exit 3"), failure(Some(3), "exit status: 3"));
    // What it says last on standard error; else on standard output.
    assert_eq!(
        run_shell("echo out; echo first >&2; echo 'it broke' >&2; echo >&2; exit 1"),
        failure(Some(1), "exit status: 1: it broke")
    );
    assert_eq!(run_shell("echo '1 failed'; exit 1"), failure(Some(1), "exit status: 1: 1 failed"));
    assert_eq!(run_shell("kill -s KILL $$"), failure(None, "signal: 9 (SIGKILL)"));
}

#[test]
fn the_run_and_the_observer_are_named_in_the_environment() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().display();
    let check = format!(
        r#"test "$PYTHONPATH" = "{path}:/users/own" && test "$ESCALA_TEST_RUN" = "{path}" && test -z "$ESCALA_SOCKET" &&
        test "$PWD" = "$(cd {path} && pwd)" && test "$PYTHONDONTWRITEBYTECODE$PYTHONHASHSEED" = 10 && ! read -r nothing"#
    );
    let invocation =
        Invocation { python_path: Some(OsStr::new("/users/own")), ..invocation(&directory, &check) };
    assert_eq!(run_within(Duration::from_mins(1), invocation), Ending::Success);
}

fn is_running(pid: &str) -> bool {
    Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn what_does_not_end_is_ended_with_all_that_it_started() {
    let directory = TempDir::new().unwrap();
    let command = "sleep 600 & echo $! > child; wait";
    let limit = Duration::from_millis(300);
    let started = Instant::now();
    assert_eq!(run_within(limit, invocation(&directory, command)), Ending::TimedOut(limit));
    assert!(started.elapsed() < Duration::from_mins(5));
    let child = std::fs::read_to_string(directory.path().join("child")).unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while is_running(child.trim()) {
        assert!(Instant::now() < patience, "{child} goes on");
        thread::sleep(TICK);
    }
}

#[test]
fn what_was_interrupted_may_take_down_its_database() {
    let directory = TempDir::new().unwrap();
    let command = "trap 'echo > taken_down; exit 1' INT; while :; do sleep 0.05; done";
    let limit = Duration::from_millis(300);
    assert_eq!(run_within(limit, invocation(&directory, command)), Ending::TimedOut(limit));
    assert!(directory.path().join("taken_down").exists());
}

#[test]
fn a_command_that_nobody_waits_for_any_more_is_ended() {
    let (swept, mut guard) = guard();
    let mut child = Command::new("sleep").arg("600").process_group(0).spawn().unwrap();
    guard.watch(Some(&child));
    // As if this process were gone: the guard's standard input closes without a word.
    let closing = thread::spawn(move || drop(guard));
    assert!(wait(&mut child, Duration::from_secs(30)).unwrap().is_some());
    closing.join().unwrap();
    assert!(!swept.path().exists());
}

#[test]
fn a_guard_that_was_killed_leaves_nobody_waiting() {
    let (_swept, mut guard) = guard();
    guard.child.kill().unwrap();
    let directory = TempDir::new().unwrap();
    let limit = Duration::from_millis(100);
    let command = "exec sleep 600";
    assert_eq!(run(invocation(&directory, command), limit, &mut guard).unwrap(), Ending::TimedOut(limit));
}
