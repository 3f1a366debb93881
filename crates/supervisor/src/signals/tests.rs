use super::*;

fn reaction(signal: i32, sender: Sender) -> Reaction {
    Received { signal, sender }.reaction()
}

#[test]
fn the_terminal_has_told_the_command_already() {
    for signal in [SIGINT, SIGQUIT, SIGWINCH, SIGHUP] {
        assert_eq!(reaction(signal, Sender::Terminal), Reaction::None);
    }
}

#[test]
fn what_a_process_sends_us_is_meant_for_the_command() {
    for signal in WATCHED.into_iter().filter(|&signal| signal != SIGCHLD) {
        assert_eq!(reaction(signal, Sender::Process), Reaction::Forward);
    }
}

#[test]
fn a_background_job_stops_where_the_terminal_says_so() {
    assert_eq!(reaction(SIGTTOU, Sender::Terminal), Reaction::Stop);
}

#[test]
fn news_of_the_command_is_not_passed_on() {
    assert_eq!(reaction(SIGCHLD, Sender::Terminal), Reaction::None);
    assert_eq!(reaction(SIGCHLD, Sender::Process), Reaction::None);
}

#[test]
#[cfg(target_os = "linux")]
fn the_kernel_is_told_from_a_process_by_the_code() {
    let (si_user, si_tkill, si_kernel) = (0, -6, 0x80);
    assert_eq!(sender_of(SIGINT, si_user), Sender::Process);
    assert_eq!(sender_of(SIGINT, si_tkill), Sender::Process);
    assert_eq!(sender_of(SIGINT, si_kernel), Sender::Terminal);
}

#[test]
fn a_signal_is_seen_once_and_none_is_left_behind() {
    use rustix::process::{Signal, getpid, kill_process};

    let received = Received { signal: SIGUSR1, sender: Sender::Process };
    let mut signals = Signals::install().unwrap();
    kill_process(getpid(), Signal::USR1).unwrap();
    assert_eq!(signals.next_within(Duration::from_secs(30)), Some(received));
    assert_eq!(signals.next_within(Duration::ZERO), None);
    assert_eq!(signals.request_to_end(), None);
    assert_eq!(signals.stop(), []);
}

#[test]
fn reads_the_ignored_signals_of_nohup() {
    let mask = ignored_mask("Name:\tescala\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n");
    assert_eq!(mask & (1 << (SIGHUP - 1)), 1);
    assert_eq!(mask & (1 << (SIGTERM - 1)), 0);
    assert_eq!(ignored_mask("Name:\tescala\n"), 0);
}
