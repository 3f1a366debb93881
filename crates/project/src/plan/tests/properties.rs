//! What holds for every chain and every text, not only for the examples.

use proptest::prelude::*;

use super::*;

/// How a generated chain is laid out.
#[derive(Debug, Clone, Copy)]
enum Layout {
    OneLine,
    Bracketed,
    Backslashes,
}

/// A statement with one chain, and where each of its calls is for the interpreter.
#[derive(Debug, Clone)]
struct Generated {
    text: String,
    calls: Vec<(usize, usize)>,
}

fn generated() -> impl Strategy<Value = Generated> {
    let base = prop::sample::select(vec![
        "Book.objects",
        "self.queryset",
        "models.Book._default_manager",
        "(Book.objects)",
        "store.books",
        "super()",
    ]);
    let link = prop::sample::select(vec![
        ".all()",
        ".filter(a=1)",
        ".exclude(b='é')",
        ".order_by(\"c\", 'd')",
        ".select_related('x')",
        ".prefetch_related(\"y\",)",
        ".published()",
        ".filter(\n    a=[1, 2],  # why\n)",
        ".distinct()",
        ".select_related(\n    'x',  # one\n    'z'\n)",
        ".first()",
    ]);
    let layout = prop::sample::select(vec![Layout::OneLine, Layout::Bracketed, Layout::Backslashes]);
    let newline = prop::sample::select(vec!["\n", "\r\n"]);
    (base, prop::collection::vec(link, 1..6), layout, newline, any::<bool>(), any::<bool>()).prop_map(
        |(base, links, layout, newline, comments, mark)| {
            generate(base, &links, layout, newline, comments, mark)
        },
    )
}

fn generate(
    base: &str,
    links: &[&str],
    layout: Layout,
    newline: &str,
    comments: bool,
    mark: bool,
) -> Generated {
    let comment = if comments { "  # note" } else { "" };
    let mut text = String::from(if mark { "\u{feff}" } else { "" });
    text.push_str("import os\nx = ");
    if matches!(layout, Layout::Bracketed) {
        text.push_str("(\n    ");
    }
    let start = text.len();
    text.push_str(base);
    let mut calls = Vec::new();
    for link in links {
        let break_before = match layout {
            Layout::OneLine => String::new(),
            Layout::Bracketed => format!("{comment}\n    "),
            Layout::Backslashes => " \\\n    ".to_owned(),
        };
        text.push_str(&break_before);
        let name = text.len() + 1;
        let lines_so_far = text[start..].contains('\n');
        text.push_str(link);
        // A call whose method is on a later line than the chain's start begins at the method.
        calls.push((if lines_so_far { name } else { start }, text.len()));
        if link.starts_with(".first") {
            break;
        }
    }
    text.push_str(if matches!(layout, Layout::Bracketed) { "\n)\ny = 1\n" } else { "\ny = 1\n" });
    if newline == "\n" {
        return Generated { text, calls };
    }
    let shifted = |offset: usize| offset + text[..offset].matches('\n').count();
    let calls = calls.into_iter().map(|(start, end)| (shifted(start), shifted(end))).collect();
    Generated { text: text.replace('\n', newline), calls }
}

fn load() -> impl Strategy<Value = EagerLoad> {
    let path = prop::sample::select(vec!["x", "x__deep", "y", "new", "new__far"]);
    (path, any::<bool>()).prop_map(|(path, join)| if join { select(path) } else { prefetch(path) })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any call of a chain leads to the same edits; the result asks for nothing more; other bytes stay.
    #[test]
    fn chains_are_edited_once_and_nowhere_else(
        generated in generated(),
        loads in prop::collection::vec(load(), 1..4),
    ) {
        let Generated { text, calls } = generated;
        let source = source(&text);
        let plans: Vec<_> = calls
            .iter()
            .map(|(start, end)| plan(&source, &expression(point(&text, *start, *end)), &loads))
            .collect();
        for other in &plans {
            prop_assert_eq!(&plans[0], other);
        }
        match &plans[0] {
            Err(Unsupported::Method { .. }) => return Ok(()),
            Err(refusal) => prop_assert!(matches!(refusal, Unsupported::AlreadyThere), "{refusal}\n{text}"),
            Ok(_) => {}
        }
        let edits = plans.into_iter().next().unwrap().unwrap_or_default();
        let edited = apply(&text, &edits).unwrap();
        let (before, after) = (text.find("x = ").unwrap(), text.len() - text.rfind("y = 1").unwrap());
        prop_assert_eq!(&edited[..before], &text[..before]);
        prop_assert_eq!(&edited[edited.len() - after..], &text[text.len() - after..]);
        prop_assert_eq!(without_eager_loads(&edited), without_eager_loads(&text));

        let first_line = edited[..before].lines().count() as u32 + 1;
        let again = plan(&super::source(&edited), &expression(SourcePoint::line(first_line)), &loads);
        prop_assert_eq!(again, Err(Unsupported::AlreadyThere));
    }

    /// Whatever the text and wherever the anchor, there is an answer.
    #[test]
    fn no_text_and_no_point_panics(
        text in "([a-z(){}\\[\\].,:=\"'\\\\#é \t\r\n\u{feff}@*0-9-]|Book.objects|.filter\\(|.all\\(\\)|class A:\n|def f\\(\\):\n|    |return |for s in |from a import |\\)\n){0,40}",
        line in 0_u32..8,
        span in prop::option::of((0_u32..8, 0_u32..40, 0_u32..40)),
        join in any::<bool>(),
    ) {
        let span = span.map(|(lines, column, end_column)| SourceSpan { end_line: line + lines, column, end_column });
        let point = SourcePoint { line, span };
        let loads = [
            if join { select("x") } else { prefetch("x") },
            filtered_books(point, FilteredForm::ToAttr),
        ];
        let source = source(&text);
        for loads in [&loads[..1], &loads[..]] {
            for anchor in [expression(point), class("A")] {
                if let Ok(edits) = plan(&source, &anchor, loads) {
                    prop_assert!(apply(&text, &edits).is_ok());
                }
            }
        }
        crate::lookup::enclosing_function(&source, line);
        crate::lookup::class_member_line(&source, "A", "a");
    }

    /// The same for texts that parse: a call of a well-formed file cut at any place.
    #[test]
    fn no_place_of_a_real_view_panics(start in 0_usize..600, end in 0_usize..600, as_attr in any::<bool>()) {
        let text = include_str!("view.py.txt");
        prop_assert!(text.is_ascii());
        let (start, end) = (start.min(end).min(text.len()), start.max(end).min(text.len()));
        let anchor = point(text, start, end);
        let form = if as_attr { FilteredForm::ToAttr } else { FilteredForm::Replace };
        let access = text.find("store.books.filter").unwrap();
        let access_end = access + text[access..].find("):").unwrap() + 1;
        let loads = [filtered_books(point(text, access, access_end), form), select("owner")];
        let source = source(text);
        let _ = plan(&source, &expression(anchor), &loads);
        let _ = plan(&source, &expression(SourcePoint::line(anchor.line)), &loads[1..]);
    }
}

/// What remains of a text when eager loads, `.all()`, white space, continuations of lines and brackets are taken out.
fn without_eager_loads(text: &str) -> String {
    let mut rest = text.replace(".all()", "");
    for method in [".select_related(", ".prefetch_related("] {
        while let Some(start) = rest.find(method) {
            let end = start + rest[start..].find(')').unwrap();
            let comments: String =
                rest[start..end].lines().filter_map(|line| line.split_once('#')).map(|(_, c)| c).collect();
            rest.replace_range(start..=end, &comments);
        }
    }
    rest.chars().filter(|char| !char.is_whitespace() && !"\\()".contains(*char)).collect()
}
