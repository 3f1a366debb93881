//! Where the repository's things are, as cargo says.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use cargo_metadata::{Metadata, MetadataCommand};

/// The checkout that this task was started from.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where cargo builds; `CARGO_TARGET_DIR` moves it.
    pub(crate) target: PathBuf,
    pub(crate) metadata: Metadata,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        let metadata =
            MetadataCommand::new().no_deps().exec().context("cargo cannot describe the workspace")?;
        Ok(Self {
            root: metadata.workspace_root.clone().into_std_path_buf(),
            target: metadata.target_directory.clone().into_std_path_buf(),
            metadata,
        })
    }

    /// Cargo, ready to be given a subcommand.
    ///
    /// The agent is built for the stable ABI and finds Python's symbols in the process that loads it, so `PyO3` needs
    /// no interpreter to build against. Every call sets this alike: `PyO3` compiles anew whenever it changes.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).env("PYO3_NO_PYTHON", "1").env("PYO3_BUILD_EXTENSION_MODULE", "1");
        cargo
    }

    /// Whether a member has this name.
    pub(crate) fn has_member(&self, name: &str) -> bool {
        self.metadata.workspace_packages().iter().any(|package| package.name.as_str() == name)
    }
}
