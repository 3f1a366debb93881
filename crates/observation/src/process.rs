//! The process that observes, as a frame.

/// Who is speaking: the first frame on every connection.
///
/// Holds what a replay needs to start the same project again. Environment variables are deliberately absent: they
/// carry secrets, and the shell that replays has its own.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Process {
    /// Operating-system process id.
    pub pid: u32,
    /// Version of the agent, as in `Cargo.toml`.
    pub agent_version: String,
    /// CPython version, for example `3.12.1`.
    pub python_version: String,
    /// Django version, for example `5.2.19`.
    pub django_version: String,
    /// `sys.executable`.
    pub executable: String,
    /// `DJANGO_SETTINGS_MODULE` as Django resolved it, empty when settings were configured by hand.
    pub settings_module: String,
    /// Working directory at the time Django was imported.
    pub working_directory: String,
    /// `sys.path` without the agent's own entries.
    pub module_search_path: Vec<String>,
    /// Start of the process, microseconds since the Unix epoch: a source file changed later may not be what runs.
    pub started_at_us: u64,
}
