use std::fs;
use std::os::unix::fs::symlink;

use super::*;
use crate::api::PlaceKind;
use crate::testing::{Project, VIEWS, send};

fn place(file: &str, line: u32) -> Place {
    Place {
        kind: PlaceKind::Python,
        file: file.to_owned(),
        line: (line > 0).then_some(line),
        name: "book_list".to_owned(),
        member: String::new(),
        in_project: true,
    }
}

/// What is shown of a place, after something was done to the project.
fn shown(change: impl FnOnce(&Project), file: &str, line: u32) -> Code {
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 3)]);
    recorder.finish();
    change(&project);
    let app = project.app();
    let store = Store::open(&project.store()).unwrap();
    let run = store.latest_run().unwrap().unwrap().id;
    Files::of(&app.root, &store, run).unwrap().around(&place(file, line), 1)
}

#[test]
fn code_that_ran_is_shown_with_its_neighbours() {
    let code = shown(|_| {}, "shop/views.py", 5);
    let lines: Vec<_> = code.lines.iter().map(|line| (line.number, line.text.as_str())).collect();
    assert_eq!((code.line, code.state), (Some(5), CodeState::Current));
    assert_eq!(lines[1], (5, "    books = Book.objects.all()"));
    assert_eq!((lines.len(), lines[0].0, lines[2].0), (3, 4, 6));
    assert_eq!(shown(|_| {}, "shop/views.py", 999).lines, [], "a line that is not there");
}

#[test]
fn code_that_changed_since_is_marked() {
    let edit = |project: &Project| {
        fs::write(project.root().join("shop/views.py"), format!("# new\n{VIEWS}")).unwrap();
    };
    assert_eq!(shown(edit, "shop/views.py", 5).state, CodeState::Changed);
    let remove = |project: &Project| fs::remove_file(project.root().join("shop/views.py")).unwrap();
    assert_eq!(shown(remove, "shop/views.py", 5).state, CodeState::Unreadable);
}

#[test]
fn files_that_no_unit_of_work_lies_in_are_not_shown() {
    for file in
        ["shop/secrets.py", "../views.py", "/etc/passwd", "", "shop/../shop/views.py", "shop//views.py"]
    {
        let code = shown(|_| {}, file, 1);
        assert_eq!((code.state, code.lines), (CodeState::Outside, vec![]), "{file}");
    }
}

#[test]
fn a_link_that_leads_out_of_the_project_is_not_followed() {
    let outside = tempfile::TempDir::new().unwrap();
    let target = outside.path().join("views.py");
    fs::write(&target, VIEWS).unwrap();
    for linked in ["shop/views.py", "shop"] {
        let replace = |project: &Project| {
            let at = project.root().join(linked);
            if at.is_dir() {
                fs::remove_dir_all(&at).unwrap();
            } else {
                fs::remove_file(&at).unwrap();
            }
            symlink(if linked == "shop" { outside.path() } else { &target }, at).unwrap();
        };
        let code = shown(replace, "shop/views.py", 5);
        assert_eq!((code.state, code.lines), (CodeState::Unreadable, vec![]), "{linked}");
    }
}

#[test]
fn long_lines_are_cut_and_a_context_has_a_bound() {
    let write = |project: &Project| {
        let long = "é".repeat(1_000);
        fs::write(project.root().join("shop/views.py"), format!("{long}\n").repeat(300)).unwrap();
    };
    let project = Project::new();
    write(&project);
    let source = Root::open(&project.root()).unwrap().read(&RelativePath::new("shop/views.py").unwrap());
    let lines = lines(&source.unwrap(), 100, CONTEXT_LINES_MAX);
    assert_eq!(lines.len(), 2 * CONTEXT_LINES_MAX as usize + 1);
    assert_eq!(lines[0].text.chars().count(), LINE_CHARACTERS_MAX + 1);
}
