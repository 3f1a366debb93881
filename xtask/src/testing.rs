//! A place for tests to put files.

use std::fs;
use std::path::{Path, PathBuf};

/// A directory of its own for one test, gone afterwards.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// The name sets tests of one process apart.
    pub(crate) fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).expect("the temporary directory can be written to");
        Self(directory)
    }

    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file has a directory")).expect("a directory can be made");
        fs::write(path, text).expect("a file can be written");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("the test's own directory can be removed");
    }
}
