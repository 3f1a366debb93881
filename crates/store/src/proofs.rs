//! What `escala fix` found out, kept beside the traffic: one file for each finding. A recorder may hold the database at
//! that time; nobody else writes these files.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::limits::{PROOF_BYTES_MAX, PROOFS_MAX};

/// Where they are in the store's directory.
pub(crate) const PROOFS_DIRECTORY: &str = "proofs";

const EXTENSION: &str = "json";

/// Longest name of a finding; they have some ten letters.
const NAME_BYTES_MAX: usize = 64;

/// The proofs beside a store. What is in them is for those who write and read them to know.
#[derive(Clone, Debug)]
pub struct Proofs {
    dir: PathBuf,
}

impl Proofs {
    /// Those of the store in a directory.
    pub fn of(store_dir: &Path) -> Self {
        Self { dir: store_dir.join(PROOFS_DIRECTORY) }
    }

    /// Keeps what was found out about a finding in place of what is there, and lets the oldest go when there are too many.
    pub fn write(&self, finding: &str, text: &str) -> io::Result<()> {
        let path = self.path(finding).ok_or(io::ErrorKind::InvalidInput)?;
        if text.len() as u64 > PROOF_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        // Readers see the old file or the new one.
        let beside = path.with_extension("new");
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&beside, &path)?;
        self.make_room()
    }

    /// What is known of a finding; none when nothing is, or it cannot be read.
    pub fn read(&self, finding: &str) -> Option<String> {
        let mut text = String::new();
        let length =
            File::open(self.path(finding)?).ok()?.take(PROOF_BYTES_MAX + 1).read_to_string(&mut text).ok()?;
        (length as u64 <= PROOF_BYTES_MAX).then_some(text)
    }

    /// Names become file names: they are what a finding's id is made of, and nothing else.
    fn path(&self, finding: &str) -> Option<PathBuf> {
        let is_name = !finding.is_empty()
            && finding.len() <= NAME_BYTES_MAX
            && finding.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name.then(|| self.dir.join(finding).with_extension(EXTENSION))
    }

    fn make_room(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
        files.sort();
        for (_, path) in files.iter().take(files.len().saturating_sub(PROOFS_MAX)) {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
