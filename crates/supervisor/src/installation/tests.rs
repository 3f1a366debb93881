use super::*;

struct Bench {
    directory: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { directory: tempfile::tempdir().unwrap() };
        for file in ["agent/escala_agent/bootstrap/sitecustomize.py", "agent/escala_agent/_native.abi3.so"] {
            let path = bench.directory.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        fs::create_dir_all(bench.site_packages().join("__pycache__")).unwrap();
        bench
    }

    fn site_packages(&self) -> PathBuf {
        self.directory.path().join("venv/lib/python3.12/site-packages")
    }

    fn environment(&self) -> PythonEnvironment {
        PythonEnvironment::at(&self.site_packages(), false)
    }

    fn home(&self) -> AgentHome {
        AgentHome::find(&[self.directory.path().join("agent")]).unwrap()
    }

    fn install(&self, store: &str) -> Result<Installed, InstallationError> {
        install(&self.environment(), &self.home(), Path::new(store), false)
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.site_packages()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn installing_is_repeatable_and_leaves_nothing_behind() {
    let bench = Bench::new();
    let state = || installed(&bench.environment(), &bench.home(), Path::new("/shop/.escala")).unwrap();
    assert_eq!(state(), Installed::Not);
    assert_eq!(bench.install("/shop/.escala").unwrap(), Installed::Not);
    assert_eq!(bench.files(), ["__pycache__", "_escala_start.py", "escala.pth", "escala.start"]);
    assert_eq!(state(), Installed::AsAsked);
    assert_eq!(bench.install("/shop/.escala").unwrap(), Installed::AsAsked);
    // Another project's store takes the place of the first.
    assert_eq!(bench.install("/blog/.escala").unwrap(), Installed::Otherwise);
    assert_eq!(state(), Installed::Otherwise);

    let bytecode = bench.site_packages().join("__pycache__");
    fs::write(bytecode.join("_escala_start.cpython-312.pyc"), "").unwrap();
    fs::write(bytecode.join("_escala_starter.cpython-312.pyc"), "").unwrap();
    assert!(uninstall(&bench.environment()).unwrap());
    assert_eq!(bench.files(), ["__pycache__"]);
    assert_eq!(fs::read_dir(bytecode).unwrap().count(), 1);
    assert!(!uninstall(&bench.environment()).unwrap());
}

#[test]
fn a_file_of_somebody_else_is_neither_written_over_nor_removed() {
    let bench = Bench::new();
    let path = bench.site_packages().join("escala.pth");
    fs::write(&path, "/opt/theirs\n").unwrap();
    let expected = format!("{} was not written by Escala, so it is left as it is", path.display());
    assert_eq!(bench.install("/shop/.escala").unwrap_err().to_string(), expected);
    assert_eq!(uninstall(&bench.environment()).unwrap_err().to_string(), expected);
    assert_eq!(bench.files(), ["__pycache__", "escala.pth"]);
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/nowhere", &path).unwrap();
    assert_eq!(bench.install("/shop/.escala").unwrap_err().to_string(), expected);
}

#[test]
fn the_operating_systems_python_is_left_alone_unless_told() {
    let bench = Bench::new();
    let system = PythonEnvironment::at(&bench.site_packages(), true);
    let install = |told| install(&system, &bench.home(), Path::new("/shop/.escala"), told);
    let error = install(false).unwrap_err();
    assert!(matches!(error, InstallationError::ExternallyManaged(_)), "{error}");
    assert_eq!(bench.files(), ["__pycache__"]);
    assert_eq!(install(true).unwrap(), Installed::Not);
    assert!(uninstall(&system).unwrap());
}

#[test]
fn an_interpreter_is_reached_by_what_lies_in_its_environment() {
    let bench = Bench::new();
    let interpreter = bench.directory.path().join("venv/bin/python");
    assert!(!reaches(&interpreter));
    bench.install("/shop/.escala").unwrap();
    assert!(reaches(&interpreter));
    assert!(!reaches(&bench.directory.path().join("other/bin/python")));
}
