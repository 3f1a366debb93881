use super::*;

#[test]
fn the_repository_is_tidy() {
    let problems = problems(&Workspace::find().unwrap()).unwrap();
    let listed: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert!(listed.is_empty(), "\n{}\n", listed.join("\n"));
}

#[test]
fn a_problem_points_to_its_line_when_it_has_one() {
    let problem = Problem { path: "a.rs".into(), line: 3, what: "is wrong".into() };
    assert_eq!(problem.to_string(), "a.rs:3: is wrong");
    assert_eq!(Problem::of_file("a.rs", "is wrong").to_string(), "a.rs: is wrong");
}

#[test]
fn a_licence_without_its_text_is_missing() {
    let files = [
        TextFile { path: "LICENSE-MIT".into(), text: "MIT License\n\nCopyright (c)".into() },
        TextFile { path: "LICENSE-APACHE".into(), text: String::new() },
    ];
    let missing: Vec<String> = missing_licences(&files).map(|problem| problem.path).collect();
    assert_eq!(missing, ["LICENSE-APACHE"]);
}

#[test]
fn what_tools_leave_behind_is_not_ours() {
    assert!(is_ours("crates") && is_ours(".ci"));
    assert!(!is_ours("target") && !is_ours("__pycache__") && !is_ours(".git") && !is_ours(".venv"));
}
