use super::*;

fn failure(number: usize) -> Problem {
    Problem::Connection { reason: format!("reason {number}") }
}

#[test]
fn a_problem_is_remembered_once_and_counted() {
    let status = Status::default();
    assert_eq!(status.progress().last_error, None);
    for _ in 0..3 {
        status.report(failure(1));
    }
    status.report(failure(2));
    status.report(failure(1));
    assert_eq!(
        status.diagnostics(),
        [
            Diagnostic { problem: failure(1), occurrences: 4 },
            Diagnostic { problem: failure(2), occurrences: 1 }
        ]
    );
    assert_eq!(status.progress().last_error, Some(failure(1)));
}

#[test]
fn problems_beyond_the_limit_are_summed_up() {
    let status = Status::default();
    for number in 0..DIAGNOSTICS_MAX + 9 {
        status.report(failure(number));
    }
    status.report(failure(0));
    let diagnostics = status.diagnostics();
    assert_eq!(diagnostics.len(), DIAGNOSTICS_MAX);
    assert_eq!(diagnostics[0].occurrences, 2);
    assert_eq!(diagnostics[DIAGNOSTICS_MAX - 1], Diagnostic { problem: Problem::Further, occurrences: 10 });
    let reported: u64 = diagnostics.iter().map(|each| each.occurrences).sum();
    assert_eq!(reported, DIAGNOSTICS_MAX as u64 + 10, "none is lost");
}

#[test]
fn a_frames_fault_stands_at_the_end_of_the_chain() {
    let problem = Problem::Frame(FrameError::Version(2));
    assert_eq!(problem.to_string(), "a process of the site is no longer listened to");
    let source = std::error::Error::source(&problem).unwrap();
    assert!(source.to_string().contains("frame version 2"), "{source}");
}
