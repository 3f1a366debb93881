use analysis::{Access, Confidence, Cost, Hop, Origin, Relation, Rule, Subject};
use observation::{Ask, RelationKind};

use super::*;

fn place(kind: SiteKind, file: &str, line: u32, name: &str) -> Place {
    Place { kind, file: file.into(), line, span: None, name: name.into(), member: String::new() }
}

fn finding(chain: Vec<Place>, access: Place, remedy: Option<Remedy>) -> Finding {
    Finding {
        id: "f".into(),
        rule: Rule::NPlusOne,
        endpoints: vec![],
        subject: Subject::Relation(Relation {
            model: "shop.Store".into(),
            field: "books".into(),
            kind: RelationKind::ManyToMany,
            target: "shop.Book".into(),
            target_module: "shop.models".into(),
        }),
        origin: (!chain.is_empty()).then(|| Origin {
            chain,
            used: None,
            passed: vec![],
            model: "shop.Store".into(),
            single: false,
        }),
        path: vec![Hop { field: "books".into(), kind: RelationKind::ManyToMany }],
        access: Access { chain: vec![access], ask: Some(Ask::All) },
        before: None,
        cost: Cost::default(),
        growth: None,
        confidence: Confidence::Certain,
        remedy,
    }
}

fn select(path: &str) -> Remedy {
    Remedy::SelectRelated { path: path.into() }
}

fn view(line: u32) -> Place {
    place(SiteKind::Python, "shop/views.py", line, "store_list")
}

#[test]
fn a_join_and_a_second_query_are_rivals_with_the_suggestion_first() {
    let loads: Vec<_> = candidates(&finding(vec![view(3)], view(4), Some(select("publisher"))))
        .unwrap()
        .into_iter()
        .flat_map(|candidate| candidate.loads)
        .collect();
    let path = || "publisher".to_owned();
    assert_eq!(loads, [EagerLoad::Select { path: path() }, EagerLoad::Prefetch { path: path() }]);
}

#[test]
fn what_a_prefetch_passes_through_is_joined_as_well() {
    let mut passing = finding(vec![view(3)], view(4), Some(select("stockrecord")));
    passing.origin.as_mut().unwrap().passed = vec!["product".to_owned()];
    let loads: Vec<_> = candidates(&passing).unwrap().into_iter().map(|candidate| candidate.loads).collect();
    let join = |path: &str| EagerLoad::Select { path: path.into() };
    let prefetch = EagerLoad::Prefetch { path: "stockrecord".into() };
    assert_eq!(
        loads,
        [vec![join("stockrecord"), join("product")], vec![join("stockrecord")], vec![prefetch]]
    );
}

#[test]
fn the_page_is_tried_before_the_manager_that_serves_them_all() {
    let manager = place(SiteKind::Python, "shop/models.py", 9, "ActiveManager.get_queryset");
    let lines = |chain| -> Vec<_> {
        let candidates = candidates(&finding(chain, view(40), Some(select("publisher")))).unwrap();
        let line = |candidate: &Candidate| match &candidate.anchor {
            Anchor::Expression { point, .. } => point.line,
            Anchor::Class { .. } => 0,
        };
        candidates.iter().map(line).collect()
    };
    assert_eq!(lines(vec![manager.clone(), view(3)]), [3, 3, 9, 9]);
    // However many the page has.
    let page = (1..7).map(view);
    assert_eq!(lines([manager].into_iter().chain(page).collect()), [1, 1, 2, 2, 3, 3, 9, 9]);
}

#[test]
fn where_a_queryset_is_used_comes_after_where_it_is_built() {
    let property = place(SiteKind::Python, "shop/models.py", 9, "Visitor.stores");
    let mut used_elsewhere =
        finding(vec![property, view(3)], view(4), Some(Remedy::PrefetchRelated { path: "books".into() }));
    let lines = |finding: &Finding| -> Vec<_> {
        let line = |candidate: Candidate| match candidate.anchor {
            Anchor::Expression { point, .. } => point.line,
            Anchor::Class { .. } => 0,
        };
        candidates(finding).unwrap().into_iter().map(line).collect()
    };
    used_elsewhere.origin.as_mut().unwrap().used = Some(view(7));
    assert_eq!(lines(&used_elsewhere), [9, 7, 3]);
    let template = place(SiteKind::Template, "shop/templates/list.html", 2, "list.html");
    used_elsewhere.origin.as_mut().unwrap().used = Some(template);
    assert_eq!(lines(&used_elsewhere), [9, 3]);
}

#[test]
fn only_the_projects_own_python_is_edited() {
    let package = place(SiteKind::Python, "/usr/lib/python3/site-packages/oscar/views.py", 7, "get");
    let template = place(SiteKind::Template, "shop/templates/list.html", 3, "list.html");
    let refused = candidates(&finding(vec![package.clone(), template], view(4), Some(select("publisher"))));
    assert_eq!(refused, Err(NoCandidate::OutsideProject(package.file)));
    assert_eq!(candidates(&finding(vec![], view(4), Some(select("x")))), Err(NoCandidate::OriginUnknown));
    assert_eq!(candidates(&finding(vec![view(3)], view(4), None)), Err(NoCandidate::NoRemedy));
}

#[test]
fn a_filter_in_a_template_stays_where_it_is() {
    let template = place(SiteKind::Template, "shop/templates/list.html", 3, "list.html");
    let loads = |access| -> Vec<_> {
        let remedy = Some(Remedy::FilteredPrefetch { path: "books".into() });
        candidates(&finding(vec![view(3)], access, remedy))
            .unwrap()
            .into_iter()
            .flat_map(|candidate| candidate.loads)
            .collect()
    };
    let plain = EagerLoad::Prefetch { path: "books".into() };
    assert_eq!(loads(template), std::slice::from_ref(&plain));
    let rewritten = loads(view(4));
    assert!(matches!(
        &rewritten[..],
        [
            EagerLoad::FilteredPrefetch { form: FilteredForm::Replace, .. },
            EagerLoad::FilteredPrefetch { form: FilteredForm::ToAttr, .. },
            last
        ] if *last == plain
    ));
}

#[test]
fn what_another_load_brings_along_is_not_asked_for_twice() {
    let anchor = Anchor::Class { file: "shop/views.py".into(), qualname: "List".into() };
    let candidate = |load: EagerLoad| Candidate { anchor: anchor.clone(), loads: vec![load] };
    let join = |path: &str| candidate(EagerLoad::Select { path: path.into() });
    let prefetch = |path: &str| candidate(EagerLoad::Prefetch { path: path.into() });
    let all = [
        join("copy"),
        join("copy__title"),
        prefetch("copy"),
        prefetch("books"),
        prefetch("books__author"),
        prefetch("booksellers"),
        join("copy__title"),
    ];
    let combined = combine(&all.iter().collect::<Vec<_>>());
    let expected = [join("copy__title"), prefetch("books__author"), prefetch("booksellers")];
    assert_eq!(combined, [(anchor.clone(), expected.map(|candidate| candidate.loads[0].clone()).to_vec())]);
}
