//! The findings that `escala check` accepts: a file in version control. `docs/reference/check.md` describes it.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use analysis::Finding;
use serde::{Deserialize, Serialize};

/// Version of the file.
const SCHEMA: u32 = 1;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BaselineError {
    /// It is there and cannot be read.
    #[error("cannot read the accepted findings in {file}")]
    Read {
        /// Its name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("{file} does not hold accepted findings: write it with `escala check --update-baseline`")]
    Malformed {
        /// Its name.
        file: String,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A later version wrote it.
    #[error("{file} has schema {schema}, and this version of Escala reads {SCHEMA}")]
    Newer {
        /// Its name.
        file: String,
        /// What it says.
        schema: u32,
    },
    /// It cannot be written.
    #[error("cannot write the accepted findings to {file}")]
    Write {
        /// Its name.
        file: String,
        /// Why.
        source: io::Error,
    },
}

/// Accepted findings by id. What is said of each is for the person who reads the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Baseline(BTreeMap<String, Accepted>);

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Document {
    schema: u32,
    findings: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    id: String,
    #[serde(flatten)]
    accepted: Accepted,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Accepted {
    rule: String,
    about: String,
    file: String,
}

impl Baseline {
    /// Reads the file; nothing is accepted when there is none.
    pub(crate) fn read(path: &Path) -> Result<Self, BaselineError> {
        let file = || name(path);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(BaselineError::Read { file: file(), source }),
        };
        let document: Document = serde_json::from_str(&text)
            .map_err(|source| BaselineError::Malformed { file: file(), source })?;
        if document.schema != SCHEMA {
            return Err(BaselineError::Newer { file: file(), schema: document.schema });
        }
        Ok(Self(document.findings.into_iter().map(|entry| (entry.id, entry.accepted)).collect()))
    }

    /// These findings, accepted.
    pub(crate) fn of(findings: &[Finding]) -> Self {
        let accepted = |finding: &Finding| {
            let place = finding.origin.as_ref().map_or(&finding.access.chain, |origin| &origin.chain).first();
            let accepted = Accepted {
                rule: finding.rule.name().to_owned(),
                about: finding.subject.to_string(),
                file: place.map_or_else(String::new, |place| place.file.clone()),
            };
            (finding.id.clone(), accepted)
        };
        Self(findings.iter().map(accepted).collect())
    }

    /// Replaces the file, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), BaselineError> {
        let failed = |source| BaselineError::Write { file: name(path), source };
        let entry =
            |(id, accepted): (&String, &Accepted)| Entry { id: id.clone(), accepted: accepted.clone() };
        let document = Document { schema: SCHEMA, findings: self.0.iter().map(entry).collect() };
        let text = serde_json::to_string_pretty(&document).map_err(|error| failed(error.into()))?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut draft = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(directory)
            .map_err(failed)?;
        draft.write_all(text.as_bytes()).and_then(|()| draft.write_all(b"\n")).map_err(failed)?;
        draft.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    pub(crate) fn accepts(&self, finding: &Finding) -> bool {
        self.0.contains_key(&finding.id)
    }

    /// Ids that none of these findings has any more.
    pub(crate) fn gone(&self, findings: &[Finding]) -> Vec<&str> {
        let is_gone = |id: &&String| !findings.iter().any(|finding| finding.id == **id);
        self.0.keys().filter(is_gone).map(String::as_str).collect()
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests;
