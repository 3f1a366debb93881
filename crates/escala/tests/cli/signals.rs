//! Signals, as the site would have had them without Escala.

use std::os::unix::process::ExitStatusExt;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::support::{Project, wait_until};

/// A site that says which signals it got, and goes on until `done` exists.
const LISTENER: &str = "for signal in HUP INT QUIT TERM USR1 USR2 TTIN TTOU WINCH; do \
    trap \"echo $signal; touch got-$signal\" $signal; done; touch ready; \
    while [ ! -e done ]; do sleep 0.02; done; exit 6";

fn pid(number: i32) -> Pid {
    Pid::from_raw(number).unwrap()
}

#[test]
fn signals_sent_to_escala_reach_the_command_once() {
    let project = Project::new();
    let running = project.start_shell(LISTENER);
    let signals = [
        ("HUP", Signal::HUP),
        ("USR1", Signal::USR1),
        ("USR2", Signal::USR2),
        ("TTIN", Signal::TTIN),
        ("TTOU", Signal::TTOU),
        ("WINCH", Signal::WINCH),
        ("QUIT", Signal::QUIT),
        ("INT", Signal::INT),
        ("TERM", Signal::TERM),
    ];
    for (name, signal) in signals {
        kill_process(pid(running.pid()), signal).unwrap();
        project.wait_for(&format!("got-{name}"));
    }
    project.write("site/done", "");
    let ended = running.wait();
    assert_eq!(ended.status.code(), Some(6));
    assert_eq!(ended.stdout, signals.map(|(name, _)| format!("{name}\n")).concat());
}

#[test]
fn ctrl_c_ends_the_command_and_escala_waits_for_it() {
    let project = Project::new();
    let running = project.start_shell(
        "trap 'sleep 0.2; echo \"shut down\"; exit 5' INT; touch ready; while :; do sleep 0.02; done",
    );
    kill_process_group(pid(running.pid()), Signal::INT).unwrap();
    let ended = running.wait();
    assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(5), "shut down\n"));
    assert!(!project.store().join("run").exists());
    project.run(&["report"]).expect(
        2,
        &format!(
            "escala: error: no traffic recorded yet in {}: run `escala run -- …` first\n",
            project.store().canonicalize().unwrap().display()
        ),
    );
}

#[test]
fn a_command_killed_by_a_signal_looks_so_from_outside() {
    for (name, number) in [("TERM", 15), ("KILL", 9), ("SEGV", 11), ("INT", 2)] {
        let project = Project::new();
        let ended = project.run_shell(&format!("kill -{name} $$"));
        assert_eq!(ended.status.signal(), Some(number), "{name}");
        assert!(!project.store().join("run").exists());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn no_child_survives_escala_even_by_sigkill() {
    let project = Project::new();
    let running = project.start_shell("echo $$ > pid && mv pid ready; while :; do sleep 0.02; done");
    let command: i32 = project.wait_for("ready").trim().parse().unwrap();
    kill_process(pid(running.pid()), Signal::KILL).unwrap();
    // A zombie counts: whoever inherited the command may not wait for it.
    let state = || std::fs::read_to_string(format!("/proc/{command}/stat")).unwrap_or_default();
    wait_until("the end of the command", || {
        state().rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
    });
    // What the killed one left is in nobody's way.
    let ended = project.run_shell("true");
    assert_eq!(ended.status.code(), Some(3));
    assert!(!project.store().join("run").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn an_ignored_signal_stays_ignored() {
    let project = Project::new();
    let mut command = std::process::Command::new("sh");
    let ignored = "trap '' HUP; exec \"$0\" run -- sh -c 'kill -HUP $$; echo survived'";
    let escala = project.escala(&[]);
    command.args(["-c", ignored, env!("CARGO_BIN_EXE_escala")]).current_dir(project.root());
    command.envs(escala.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "survived\n");
}
