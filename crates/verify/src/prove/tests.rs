//! From a finding to a patch, on a real, small Django project.

use std::fs;

use analysis::{Access, Confidence, Cost, EndpointKey, Hop, Origin, Place, Relation, Remedy, Rule, Subject};
use observation::{Ask, RelationKind, SiteKind, TransactionKind};

use super::*;
use crate::testing::{PYTHONS, Site, VIEWS, get, pythons};

/// An N+1 on the publisher, in the view of this name.
fn finding(view: &str) -> Finding {
    let line =
        VIEWS.lines().position(|line| line.starts_with(&format!("def {view}("))).expect("a view") as u32 + 1;
    let built =
        VIEWS.lines().skip(line as usize).position(|line| line.contains("Book.objects")).expect("a queryset");
    let place = |line, name: &str| Place {
        kind: SiteKind::Python,
        file: "shop/views.py".into(),
        line,
        span: None,
        name: name.into(),
        member: String::new(),
    };
    let loop_line =
        VIEWS.lines().position(|line| line.contains("book.publisher.name")).expect("a loop") as u32 + 1;
    Finding {
        id: view.into(),
        rule: Rule::NPlusOne,
        endpoints: vec![EndpointKey {
            kind: TransactionKind::Http,
            method: "GET".into(),
            route: format!("/{view}/"),
        }],
        subject: Subject::Relation(Relation {
            model: "shop.Book".into(),
            field: "publisher".into(),
            kind: RelationKind::ForeignKey,
            target: "shop.Publisher".into(),
            target_module: "shop.models".into(),
        }),
        origin: Some(Origin {
            chain: vec![place(line + 1 + built as u32, view)],
            model: "shop.Book".into(),
            single: false,
        }),
        path: vec![Hop { field: "publisher".into(), kind: RelationKind::ForeignKey }],
        access: Access { chain: vec![place(loop_line, "lines")], ask: Some(Ask::Object) },
        cost: Cost::default(),
        growth: None,
        confidence: Confidence::Certain,
        remedy: Some(Remedy::SelectRelated { path: "publisher".into() }),
    }
}

/// What becomes of the findings, with one recorded request to each of these pages.
fn outcome(site: &Site, findings: &[Finding], pages: &[&str]) -> Outcome {
    outcome_where(site, findings, pages, &[])
}

/// The same, when the trace saw none of the project's code run for some of the pages.
fn outcome_where(site: &Site, findings: &[Finding], pages: &[&str], unseen: &[&str]) -> Outcome {
    let root = Root::open(site.root()).unwrap();
    let traffic = Traffic {
        process: site.process.clone(),
        requests: pages.iter().map(|page| get(page)).collect(),
        code: unseen.iter().map(|page| (get(page).endpoint, BTreeSet::new())).collect(),
    };
    let views = root.read(&project::RelativePath::new("shop/views.py").unwrap()).unwrap();
    let sources = [RecordedFile {
        path: "shop/views.py".into(),
        sha256: Some(views.hash().to_owned()),
        modified_at_us: 0,
        size_bytes: 0,
        changed_after_start: false,
    }];
    let inputs = Inputs { root: &root, program: &site.program, traffic: &traffic, sources: &sources };
    prove(findings, inputs, &mut |_| {})
}

#[test]
fn two_fixes_in_one_file_are_proved_alone_and_together() {
    for python in pythons() {
        let site = Site::new(python);
        let outcome = outcome(&site, &[finding("books"), finding("form")], &["/books/", "/form/", "/count/"]);
        let statuses: Vec<_> = outcome.fixes.iter().map(|fix| (fix.status, fix.reason.clone())).collect();
        assert_eq!(statuses, [(Status::Proved, None), (Status::Proved, None)]);
        let together = outcome.together.expect("a combination");
        assert_eq!(together.findings.len(), 2);
        let [file] = &together.patch.files[..] else { panic!("one file") };
        assert_eq!(file.after.matches("select_related(\"publisher\")").count(), 2);
        let figures: Vec<_> = together
            .measured
            .endpoints
            .iter()
            .map(|change| (change.queries.before, change.queries.after))
            .collect();
        assert_eq!(figures, [(101, 1), (10, 1)]);
        assert_eq!(
            fs::read_to_string(site.root().join("shop/views.py")).unwrap(),
            VIEWS,
            "the tree is untouched"
        );
    }
}

#[test]
fn a_page_that_cannot_be_compared_is_not_fixed() {
    let site = Site::new(PYTHONS[0]);
    let outcome = outcome(&site, &[finding("shuffled")], &["/shuffled/"]);
    assert_eq!(outcome.fixes[0].status, Status::Rejected);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("cannot prove: GET /shuffled/ is not deterministic"), "{reason}");
    assert_eq!(outcome.together, None);
}

#[test]
fn without_a_recorded_request_nothing_is_claimed() {
    let site = Site::new(PYTHONS[0]);
    let outcome = outcome(&site, &[finding("books")], &["/count/"]);
    assert_eq!(outcome.fixes[0].status, Status::Unsupported);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert_eq!(reason, "no request to GET /books/ was recorded; visit it once more under `escala run`");
}

#[test]
fn a_project_that_does_not_load_is_said_once_for_all() {
    let mut site = Site::new(PYTHONS[0]);
    site.process.settings_module = "shop.missing".into();
    let outcome = outcome(&site, &[finding("books"), finding("form")], &["/books/", "/form/"]);
    for fix in &outcome.fixes {
        assert_eq!(fix.status, Status::Unsupported);
        assert!(fix.reason.as_deref().unwrap().contains("shop.missing"), "{:?}", fix.reason);
    }
}

#[test]
fn a_fix_that_makes_a_page_worse_which_the_trace_did_not_connect_is_taken_back() {
    let site = Site::new(PYTHONS[0]);
    let mut shared = finding("shelf");
    shared.endpoints[0].route = "/shelved/".into();
    shared.remedy = Some(Remedy::PrefetchRelated { path: "publisher".into() });
    let pages = ["/shelved/", "/titles/", "/books/"];
    let outcome = outcome_where(&site, &[shared, finding("books")], &pages, &["/titles/"]);
    assert_eq!(outcome.fixes[0].status, Status::Rejected);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert_eq!(reason, "GET /titles/ takes more queries: 1 before, 2 after");
    assert_eq!((outcome.fixes[1].status, &outcome.fixes[1].reason), (Status::Proved, &None));
    assert_eq!(outcome.together.expect("the other fix").findings, ["books"]);
}
