use super::*;

#[test]
fn reads_the_four_kinds_of_line() {
    let journal = Journal::parse(
        "10 python 3.12.1 started\n10 django 5.2.19 armed\n11 disarmed KeyError: 'x' in arm()\n\
         12 unsupported Python 3.9.2: Escala needs 3.10 or newer\n",
    );
    let entry = |pid, event| Entry { pid, event };
    assert_eq!(
        journal.entries,
        [
            entry(10, Event::PythonStarted { version: "3.12.1".into() }),
            entry(10, Event::DjangoArmed { version: "5.2.19".into() }),
            entry(11, Event::Disarmed { reason: "KeyError: 'x' in arm()".into() }),
            entry(12, Event::Unsupported { reason: "Python 3.9.2: Escala needs 3.10 or newer".into() }),
        ]
    );
}

#[test]
fn skips_what_it_does_not_know_and_a_line_that_is_not_finished() {
    let journal = Journal::parse(
        "x python 3.12 started\n1 ruby 3.4 started\n\n1 python 3.12\n2 python 3.13.0 started\n3 python 3.1",
    );
    assert_eq!(journal.entries, [Entry { pid: 2, event: Event::PythonStarted { version: "3.13.0".into() } }]);
}

#[test]
fn a_missing_file_is_an_empty_journal() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Journal::read(&directory.path().join("journal")).unwrap(), Journal::default());
}
