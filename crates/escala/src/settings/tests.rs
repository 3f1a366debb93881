use super::*;

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for directory in ["site/src", "site/vendor", "shared"] {
            fs::create_dir_all(project.0.path().join(directory)).unwrap();
        }
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(path)
    }

    fn load(&self, text: &str) -> Result<Settings, String> {
        fs::write(self.path("site/escala.toml"), text).unwrap();
        Settings::load(&self.path("site")).map_err(|error| error.to_string())
    }
}

#[test]
fn without_a_file_the_project_is_its_root() {
    let project = Project::new();
    let expected = Settings {
        source: vec![project.path("site")],
        exclude: vec![],
        not_secret: vec![],
        baseline: project.path("site/escala-baseline.json"),
        budgets: vec![],
    };
    assert_eq!(Settings::load(&project.path("site")).unwrap(), expected);
    assert_eq!(project.load("").unwrap(), expected);
    assert_eq!(project.load("[project]\n").unwrap(), expected);
}

#[test]
fn paths_are_resolved_from_the_root() {
    let project = Project::new();
    std::os::unix::fs::symlink(project.path("shared"), project.path("site/linked")).unwrap();
    let settings = project
        .load("[project]\nsource = [\"./src/\", \"../shared\", \"linked\"]\nexclude = [\"vendor/\", \"src/gen.py\"]\n")
        .unwrap();
    assert_eq!(settings.source, ["shared", "site/linked", "site/src"].map(|path| project.path(path)));
    // What is not there yet may be excluded all the same.
    assert_eq!(settings.exclude, ["site/src/gen.py", "site/vendor"].map(|path| project.path(path)));
}

#[test]
fn parameters_that_are_no_secrets_are_named() {
    let project = Project::new();
    let settings = project.load("[capture]\nnot_secret = [\"code\", \"ticket-key\"]\n").unwrap();
    assert_eq!(settings.not_secret, ["code", "ticket-key"]);
    for odd in ["", "co*", "a,b"] {
        assert_eq!(
            project.load(&format!("[capture]\nnot_secret = [\"{odd}\"]\n")).unwrap_err(),
            format!(
                "escala.toml:2: capture.not_secret has `{odd}`, which is no name of a parameter: letters, digits, `_` and `-`"
            )
        );
    }
}

#[test]
fn a_name_that_means_nothing_is_an_error_with_its_line() {
    let project = Project::new();
    for (text, error) in [
        (
            "[project]\nexclude = []\nsources = [\"src\"]\n",
            "escala.toml:3: there is no `sources` in [project]; did you mean `source`?",
        ),
        ("\n[projects]\n", "escala.toml:2: there is no `projects`; did you mean `project`?"),
        ("colour = 1\n", "escala.toml:1: there is no `colour`; known are: project, capture, check, edge"),
        (
            "[project]\nroot = 1\n",
            "escala.toml:2: there is no `root` in [project]; known are: source, exclude",
        ),
        (
            "project.exlude = []\n",
            "escala.toml:1: there is no `exlude` in [project]; did you mean `exclude`?",
        ),
    ] {
        assert_eq!(project.load(text).unwrap_err(), error);
    }
}

#[test]
fn what_is_no_toml_or_of_another_type_is_an_error_with_its_line() {
    let project = Project::new();
    for (text, error) in [
        ("[project]\nsource = [\"src\"\n", "escala.toml:2: unclosed array, expected `]`"),
        (
            "[project]\nsource = \"src\"\n",
            "escala.toml:2: project.source has `src`, but takes a list; each is a path",
        ),
        ("project = 1\n", "escala.toml:1: project has `1`, which is no table: write [project]"),
        ("[project]\nexclude = [\n\"a\",\n1]\n", "escala.toml:4: project.exclude has `1`, but takes a path"),
        ("[[check]]\n", "escala.toml:1: check has `[…]`, which is no table: write [check]"),
        (
            "[check]\nqueries = 3\n",
            "escala.toml:2: check.queries has `3`, but takes a table; each key is an endpoint, its value a number from 0 \
             to 1000000",
        ),
    ] {
        assert_eq!(project.load(text).unwrap_err(), error);
    }
}

#[test]
fn a_path_that_cannot_be_meant_is_an_error() {
    let project = Project::new();
    for (text, error) in [
        ("source = [\"scr\"]", "escala.toml:2: project.source has `scr`, which does not exist"),
        (
            "source = []",
            "escala.toml:2: project.source has `[]`, so no code would be the project's own; leave it out for the whole project",
        ),
        ("exclude = [\"src/..\"]", "escala.toml:2: project.exclude has `src/..`, which is the whole project"),
        (
            "exclude = [\"a:b\"]",
            "escala.toml:2: project.exclude has `a:b`, and a path with a colon or a NUL cannot be told to the agent",
        ),
    ] {
        assert_eq!(project.load(&format!("[project]\n{text}\n")).unwrap_err(), error);
    }
}

#[test]
fn budgets_and_the_baseline_of_a_check() {
    let project = Project::new();
    let text =
        "[check]\nbaseline = \"ci/accepted.json\"\n\n[check.queries]\n\"GET /books/\" = 12\n\"*\" = 100\n";
    let settings = project.load(text).unwrap();
    assert_eq!(settings.baseline, project.path("site/ci/accepted.json"));
    let budget = |pattern: &str, queries_max| Budget { pattern: pattern.to_owned(), queries_max };
    assert_eq!(settings.budgets, [budget("*", 100), budget("GET /books/", 12)]);
    let error = "escala.toml:2: check.queries.GET / has `-1`, which is out of range: 0 to 1000000";
    assert_eq!(project.load("[check.queries]\n\"GET /\" = -1\n").unwrap_err(), error);
}

#[test]
fn every_verb_refuses_a_file_that_is_bad_for_one() {
    let project = Project::new();
    let error = project.load("[edge]\nthreads = 0\n").unwrap_err();
    assert_eq!(error, "escala.toml:2: edge.threads has `0`, which is out of range: 1 to 256");
    // Where the app listens is needed by one verb alone, as are files of it that are not there.
    project.load("[edge.tls]\nlisten = \"[::]:443\"\ncertificate = \"none\"\nkey = \"none\"\n").unwrap();
}
