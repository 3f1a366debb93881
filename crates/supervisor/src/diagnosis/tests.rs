use super::*;

fn of(text: &str) -> Diagnosis {
    diagnose(&Journal::parse(text))
}

#[test]
fn silence_means_no_python() {
    assert_eq!(of(""), Diagnosis::NoPython);
}

#[test]
fn python_alone_means_no_django() {
    assert_eq!(
        of("1 python 3.12.1 started\n2 python 3.13.0 started\n"),
        Diagnosis::NoDjango { version: "3.12.1".into() }
    );
}

#[test]
fn an_unsupported_version_explains_more_than_a_missing_django() {
    assert_eq!(
        of("1 python 3.12.1 started\n1 unsupported Django 3.2.25: Escala needs 4.2 or newer\n"),
        Diagnosis::Unsupported { reason: "Django 3.2.25: Escala needs 4.2 or newer".into() }
    );
}

#[test]
fn a_disarmed_agent_is_not_a_quiet_one() {
    let armed = "1 python 3.12.1 started\n1 django 5.2.19 armed\n";
    assert_eq!(of(armed), Diagnosis::NoTraffic { version: "5.2.19".into() });
    assert_eq!(
        of(&format!("{armed}1 disarmed KeyError\n")),
        Diagnosis::Disarmed { reason: "KeyError".into() }
    );
}

#[test]
fn one_armed_process_is_enough() {
    assert_eq!(
        of("1 django 5.2.19 armed\n1 disarmed KeyError\n2 django 5.2.19 armed\n"),
        Diagnosis::NoTraffic { version: "5.2.19".into() }
    );
}

#[test]
fn only_what_can_never_work_is_conclusive() {
    assert!(Diagnosis::NoPython.is_conclusive());
    assert!(Diagnosis::NoDjango { version: String::new() }.is_conclusive());
    assert!(Diagnosis::Unsupported { reason: String::new() }.is_conclusive());
    assert!(!Diagnosis::Disarmed { reason: String::new() }.is_conclusive());
    assert!(!Diagnosis::NoTraffic { version: String::new() }.is_conclusive());
}

#[test]
fn a_server_that_hides_its_python_has_a_remedy() {
    let remedy = Diagnosis::NoPython.remedy().unwrap();
    assert!(remedy.contains("escala agent install") && remedy.contains("escala_agent.start()"), "{remedy}");
    assert_eq!(Diagnosis::NoDjango { version: "3.12.1".into() }.remedy(), None);
}
