//! `escala.toml` in the project root: what cannot be seen from outside. `docs/reference/escala-toml.md` is its page.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use analysis::Budget;
use serde::Deserialize;
use toml::de::DeTable;

/// Name of the file.
const FILE: &str = "escala.toml";

/// Every table and its keys.
const KNOWN: [(&str, &[&str]); 3] =
    [("project", &["source", "exclude"]), ("capture", &["not_secret"]), ("check", &["baseline", "queries"])];

/// The findings that `escala check` accepts, unless another file is named.
const BASELINE: &str = "escala-baseline.json";

/// How alike a known name must be to be suggested, from 0 to 1.
const ALIKE_MIN: f64 = 0.7;

/// The settings of a project, resolved: all paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Directories and files with the user's code.
    pub(crate) source: Vec<PathBuf>,
    /// Those inside them whose code is somebody else's: never blamed, never edited.
    pub(crate) exclude: Vec<PathBuf>,
    /// Names of parameters that hold no secret, although they sound like it.
    pub(crate) not_secret: Vec<String>,
    /// The file with the findings that `escala check` accepts.
    pub(crate) baseline: PathBuf,
    /// The most queries that endpoints may make.
    pub(crate) budgets: Vec<Budget>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The file is there and cannot be read.
    #[error("cannot read {FILE}")]
    Read(#[source] io::Error),
    /// It is no TOML, or a value is of another type.
    #[error("{FILE}{}: {message}", .line.map(|line| format!(":{line}")).unwrap_or_default())]
    Syntax {
        /// From 1, when it is known.
        line: Option<usize>,
        /// What the parser said.
        message: String,
    },
    /// A name that means nothing.
    #[error("{FILE}:{line}: there is no {name}{}", .suggestion)]
    Unknown {
        /// From 1.
        line: usize,
        /// What was written, with the table around it.
        name: String,
        /// What may have been meant.
        suggestion: String,
    },
    /// A path that cannot be used.
    #[error("{FILE}: {key} has `{path}`, {reason}")]
    Path {
        /// `source`, `exclude` or `baseline`.
        key: &'static str,
        /// As written.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A name that cannot be a parameter's.
    #[error("{FILE}: not_secret has `{0}`, which is no name of a parameter: letters, digits, `_` and `-`")]
    Parameter(String),
    /// No directory at all.
    #[error(
        "{FILE}: source is empty, so no code would be the project's own; leave it out for the whole project"
    )]
    NoSource,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Raw {
    project: RawProject,
    capture: RawCapture,
    check: RawCheck,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawProject {
    source: Option<Vec<String>>,
    exclude: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawCapture {
    not_secret: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawCheck {
    baseline: Option<String>,
    queries: BTreeMap<String, u64>,
}

impl Settings {
    /// Reads the file in the project root; without one, everything has its default. The root has no links in it.
    pub(crate) fn load(project_root: &Path) -> Result<Self, SettingsError> {
        match fs::read_to_string(project_root.join(FILE)) {
            Ok(text) => resolve(parse(&text)?, project_root),
            Err(error) if error.kind() == io::ErrorKind::NotFound => resolve(Raw::default(), project_root),
            Err(error) => Err(SettingsError::Read(error)),
        }
    }
}

fn parse(text: &str) -> Result<Raw, SettingsError> {
    let syntax = |error: toml::de::Error| SettingsError::Syntax {
        line: error.span().map(|span| line_of(text, span.start)),
        message: error.message().to_owned(),
    };
    let document = DeTable::parse(text).map_err(syntax)?;
    refuse_unknown(text, document.get_ref())?;
    toml::from_str(text).map_err(syntax)
}

/// A key with a slip of the pen would otherwise be a setting that does nothing.
fn refuse_unknown(text: &str, document: &DeTable<'_>) -> Result<(), SettingsError> {
    for (table, value) in document {
        let Some((_, keys)) = KNOWN.iter().find(|(known, _)| known == table.get_ref()) else {
            let tables: Vec<_> = KNOWN.iter().map(|(table, _)| *table).collect();
            return Err(unknown(text, table, "", &tables));
        };
        for key in value.get_ref().as_table().into_iter().flat_map(|table| table.keys()) {
            if !keys.contains(&key.get_ref().as_ref()) {
                return Err(unknown(text, key, &format!(" in [{}]", table.get_ref()), keys));
            }
        }
    }
    Ok(())
}

fn unknown(
    text: &str,
    name: &toml::Spanned<std::borrow::Cow<'_, str>>,
    place: &str,
    known: &[&str],
) -> SettingsError {
    let written = name.get_ref();
    let alike = known
        .iter()
        .map(|known| (strsim::jaro_winkler(known, written), known))
        .filter(|(alike, _)| *alike >= ALIKE_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let suggestion = match alike {
        Some((_, known)) => format!("; did you mean `{known}`?"),
        None => format!("; known are: {}", known.join(", ")),
    };
    SettingsError::Unknown {
        line: line_of(text, name.span().start),
        name: format!("`{written}`{place}"),
        suggestion,
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

fn resolve(raw: Raw, project_root: &Path) -> Result<Settings, SettingsError> {
    let written = raw.project.source.unwrap_or_else(|| vec![".".to_owned()]);
    if written.is_empty() {
        return Err(SettingsError::NoSource);
    }
    let is_name = |name: &&String| {
        !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-'))
    };
    if let Some(odd) = raw.capture.not_secret.iter().find(|name| !is_name(name)) {
        return Err(SettingsError::Parameter(odd.clone()));
    }
    let baseline = raw.check.baseline.unwrap_or_else(|| BASELINE.to_owned());
    let budget = |(pattern, queries_max)| Budget { pattern, queries_max };
    let mut settings = Settings {
        source: Vec::new(),
        exclude: Vec::new(),
        not_secret: raw.capture.not_secret,
        baseline: absolute("baseline", &baseline, project_root)?,
        budgets: raw.check.queries.into_iter().map(budget).collect(),
    };
    for path in written {
        let absolute = absolute("source", &path, project_root)?;
        // Python may name a module by either: as it was reached, or with links resolved.
        let Ok(resolved) = absolute.canonicalize() else {
            return Err(SettingsError::Path { key: "source", path, reason: "which does not exist" });
        };
        settings.source.push(absolute);
        settings.source.push(resolved);
    }
    for path in raw.project.exclude {
        let absolute = absolute("exclude", &path, project_root)?;
        if absolute == project_root {
            return Err(SettingsError::Path { key: "exclude", path, reason: "which is the whole project" });
        }
        settings.exclude.extend(absolute.canonicalize().ok());
        settings.exclude.push(absolute);
    }
    for paths in [&mut settings.source, &mut settings.exclude] {
        paths.sort();
        paths.dedup();
    }
    Ok(settings)
}

/// The path without `.` and `..`, from the project root.
fn absolute(key: &'static str, path: &str, project_root: &Path) -> Result<PathBuf, SettingsError> {
    if path.contains([':', '\0']) {
        let reason = "and a path with a colon or a NUL cannot be told to the agent";
        return Err(SettingsError::Path { key, path: path.to_owned(), reason });
    }
    let mut absolute = PathBuf::new();
    for component in project_root.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                absolute.pop();
            }
            other => absolute.push(other),
        }
    }
    Ok(absolute)
}

#[cfg(test)]
mod tests;
