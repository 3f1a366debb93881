//! A PostgreSQL server of one test's own: a fresh cluster on a Unix socket in its own directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::required;

/// A running cluster.
pub struct Postgres {
    directory: TempDir,
    binaries: PathBuf,
}

impl Postgres {
    /// Makes a cluster and starts it. It refuses to run as root, so root runs it as `postgres`.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start() -> Self {
        let binaries = PathBuf::from(required("ESCALA_TEST_PG_BIN"));
        let directory = TempDir::with_prefix("escala-pg-").expect("a temporary directory");
        if is_root() {
            succeed(Command::new("chown").arg("postgres").arg(directory.path()));
        }
        let postgres = Self { directory, binaries };
        let data = postgres.data();
        succeed(
            postgres
                .command("initdb")
                .args(["--username=escala", "--auth=trust", "--no-sync", "-D"])
                .arg(&data),
        );
        let options =
            format!("-c listen_addresses='' -c fsync=off -k {}", postgres.directory.path().display());
        succeed(
            postgres
                .command("pg_ctl")
                .args(["start", "-w", "-s", "-o", &options, "-l"])
                .arg(postgres.directory.path().join("log"))
                .arg("-D")
                .arg(&data),
        );
        postgres
    }

    /// `DATABASE_URL` of its own database.
    pub fn url(&self) -> String {
        format!("postgresql://escala@/postgres?host={}", self.directory.path().display())
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.directory.path()).stdout(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.command("pg_ctl").args(["stop", "-m", "immediate", "-s", "-D"]).arg(data).status();
    }
}

fn is_root() -> bool {
    let owner = Path::new("/proc/self");
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(owner).expect("this process can look at itself"))
        == 0
}

fn succeed(command: &mut Command) {
    let status = command.status().expect("the command starts");
    assert!(status.success(), "{command:?} failed: {status}");
}
