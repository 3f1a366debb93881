use std::fs;

use super::*;
use crate::testing::{Project, VIEWS, eventually, send};

fn recorded(views: &str) -> (Project, RunId) {
    let project = Project::new();
    fs::write(project.root().join("shop/views.py"), views).unwrap();
    let recorder = project.record();
    send(&recorder, (1..=3).map(|serial| project.page(serial, 20)).collect());
    let run = recorder.run();
    recorder.finish();
    (project, run)
}

fn known(findings: &Arc<Findings>, run: RunId) -> Arc<RunFindings> {
    eventually("findings are known", || findings.get(run, 3).is_some());
    findings.get(run, 3).unwrap()
}

#[test]
fn they_are_known_after_a_while_and_not_computed_again() {
    let (project, run) = recorded(VIEWS);
    let findings = Arc::clone(&project.app().findings);
    assert!(findings.get(run, 3).is_none(), "nobody waits for them");
    let known = known(&findings, run);
    assert_eq!((known.findings.len(), known.examined, known.suppressed), (1, 3, 0));
    assert_eq!(known.findings[0].rule, analysis::Rule::NPlusOne);
    assert_eq!(findings.version(), 1);
    findings.get(run, 3);
    assert!(findings.lock().wanted.is_none());
    // Something new has come, but not long enough ago.
    findings.get(run, 4);
    assert!(findings.lock().wanted.is_none());
}

#[test]
fn a_comment_keeps_one_quiet() {
    let comment = "Book.objects.all()  # escala: ignore[n-plus-one] three books";
    let (project, run) = recorded(&VIEWS.replace("Book.objects.all()", comment));
    let known = known(&project.app().findings, run);
    assert_eq!((known.findings.len(), known.suppressed), (0, 1));
}

#[test]
fn those_of_few_runs_are_kept() {
    let (project, first) = recorded(VIEWS);
    let findings = Arc::clone(&project.app().findings);
    known(&findings, first);
    for _ in 0..FINDINGS_RUNS_MAX {
        let recorder = project.record();
        send(&recorder, vec![project.page(1, 20)]);
        let run = recorder.run();
        recorder.finish();
        eventually("findings are known", || findings.get(run, 1).is_some());
    }
    let state = findings.lock();
    assert_eq!((state.known.len(), state.known.contains_key(&first)), (FINDINGS_RUNS_MAX, false));
}

#[test]
fn nothing_is_computed_after_the_end() {
    let (project, run) = recorded(VIEWS);
    let findings = Arc::clone(&project.app().findings);
    findings.stop();
    assert!(findings.get(run, 3).is_none());
    assert!(!findings.lock().has_worker);
}
