//! `[project]`, `[capture]` and `[check]`: whose code it is, what is no secret, and what a check accepts.

use std::path::{Path, PathBuf};

use analysis::Budget;

use super::document::{Found, Table};
use super::key::{Key, Section, Standard};
use super::kind::{Count, List, Named, Reason, Text};
use super::{Settings, SettingsError, absolute};

/// The findings that `escala check` accepts, unless another file is named.
const BASELINE_FILE: &str = "escala-baseline.json";

pub(super) static PROJECT: Section =
    Section { name: "project", keys: &[&SOURCE, &EXCLUDE], sections: &[], is_list: false };

pub(super) static CAPTURE: Section =
    Section { name: "capture", keys: &[&NOT_SECRET], sections: &[], is_list: false };

pub(super) static CHECK: Section =
    Section { name: "check", keys: &[&BASELINE, &QUERIES], sections: &[], is_list: false };

const PATH: Text<String> = Text { takes: "a path", read: path };

static SOURCE: Key<List<Text<String>>> = Key {
    name: "source",
    kind: List { item: PATH, may_be_bare: false, may_be_empty: true },
    standard: Standard::Toml("[\".\"]"),
    example: "[\"src\", \"../shared-lib\"]",
    about: "Where your code is: *instead of* the project root. Write `[\".\", \"../shared-lib\"]` for both. Each must exist.",
};

static EXCLUDE: Key<List<Text<String>>> = Key {
    name: "exclude",
    kind: List { item: PATH, may_be_bare: false, may_be_empty: true },
    standard: Standard::Toml("[]"),
    example: "[\"src/vendor/\"]",
    about: "What inside `source` is not your code: copied libraries, generated files.",
};

static NOT_SECRET: Key<List<Text<String>>> = Key {
    name: "not_secret",
    kind: List {
        item: Text { takes: "a parameter's name", read: parameter },
        may_be_bare: false,
        may_be_empty: true,
    },
    standard: Standard::Toml("[]"),
    example: "[\"code\"]",
    about: "Parameters of addresses, in the path or behind `?`, that hold no secret although their name sounds like it.",
};

static BASELINE: Key<Text<String>> = Key {
    name: "baseline",
    kind: PATH,
    standard: Standard::Toml("\"escala-baseline.json\""),
    example: "\"ci/escala-baseline.json\"",
    about: "The findings that [`escala check`](check.md) accepts.",
};

static QUERIES: Key<Named<Count<u64>>> = Key {
    name: "queries",
    kind: Named { item: Count { min: 0, max: 1_000_000 }, names: "an endpoint" },
    standard: Standard::Toml("{}"),
    example: "{ \"GET /books/\" = 12, \"*\" = 100 }",
    about: "The most queries that one unit of work may make, by endpoint: the name as `escala report` shows it, or its \
            beginning and `*`. Of several that fit, the exact one counts, then the longest.",
};

/// What these tables say; without them, everything has its default.
pub(super) fn read(root: &Table<'_>, project_root: &Path) -> Result<Settings, SettingsError> {
    let mut settings = Settings {
        source: Vec::new(),
        exclude: Vec::new(),
        not_secret: Vec::new(),
        baseline: project_root.join(BASELINE_FILE),
        budgets: Vec::new(),
    };
    let mut source = None;
    if let Some(table) = root.open(&PROJECT)? {
        source = table.get(&SOURCE)?;
        settings.exclude = match table.get(&EXCLUDE)? {
            Some(paths) => excluded(&paths.value, project_root)?,
            None => Vec::new(),
        };
    }
    settings.source = match source {
        Some(paths) => sources(&paths, project_root)?,
        None => vec![project_root.to_owned()],
    };
    if let Some(table) = root.open(&CAPTURE)?
        && let Some(names) = table.get(&NOT_SECRET)?
    {
        settings.not_secret = names.value.into_iter().map(|name| name.value).collect();
    }
    if let Some(table) = root.open(&CHECK)? {
        if let Some(baseline) = table.get(&BASELINE)? {
            settings.baseline = absolute(Path::new(&baseline.value), project_root);
        }
        let budget = |(pattern, queries_max)| Budget { pattern, queries_max };
        let budgets = table.get(&QUERIES)?.map(|found| found.value).unwrap_or_default();
        settings.budgets = budgets.into_iter().map(budget).collect();
    }
    Ok(settings)
}

fn sources(written: &Found<Vec<Found<String>>>, project_root: &Path) -> Result<Vec<PathBuf>, SettingsError> {
    if written.value.is_empty() {
        let reason = "so no code would be the project's own; leave it out for the whole project";
        return Err(written.place.refuse("[]", reason));
    }
    let mut paths = Vec::new();
    for path in &written.value {
        let absolute = absolute(Path::new(&path.value), project_root);
        // Python may name a module by either: as it was reached, or with links resolved.
        let Ok(resolved) = absolute.canonicalize() else { return Err(path.refuse("which does not exist")) };
        paths.push(absolute);
        paths.push(resolved);
    }
    Ok(sorted(paths))
}

fn excluded(written: &[Found<String>], project_root: &Path) -> Result<Vec<PathBuf>, SettingsError> {
    let mut paths = Vec::new();
    for path in written {
        let absolute = absolute(Path::new(&path.value), project_root);
        if absolute == project_root {
            return Err(path.refuse("which is the whole project"));
        }
        paths.extend(absolute.canonicalize().ok());
        paths.push(absolute);
    }
    Ok(sorted(paths))
}

fn sorted(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    paths.dedup();
    paths
}

fn path(text: &str) -> Result<String, Reason> {
    if text.contains([':', '\0']) {
        return Err("and a path with a colon or a NUL cannot be told to the agent".into());
    }
    Ok(text.to_owned())
}

fn parameter(text: &str) -> Result<String, Reason> {
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-');
    if text.is_empty() || !text.chars().all(is_name) {
        return Err("which is no name of a parameter: letters, digits, `_` and `-`".into());
    }
    Ok(text.to_owned())
}
