//! What the section names on disk, and the file read again.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        let path = self.root().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn load(&self, text: &str) -> Result<Config, String> {
        self.write("escala.toml", &format!("[edge]\nupstream = \"[::1]:1\"\n{text}\n"), 0o644);
        load(&self.root(), &Overrides::default()).map_err(|error| error.to_string())
    }
}

#[test]
fn what_is_named_has_to_be_there() {
    let project = Project::new();
    project.write("cert.pem", "", 0o644);
    fs::create_dir(project.root().join("directory")).unwrap();
    for (text, error) in [
        (
            "tls = { listen = \"[::]:443\", certificate = \"cert.pem\", key = \"key.pem\" }",
            "escala.toml:3: edge.tls.key has `key.pem`, which does not exist",
        ),
        (
            "tls = { listen = \"[::]:443\", certificate = \"directory\", key = \"cert.pem\" }",
            "escala.toml:3: edge.tls.certificate has `directory`, which is no file",
        ),
        (
            "tls = { listen = \"[::]:443\", certificate = \"cert.pem/a\", key = \"cert.pem\" }",
            "escala.toml:3: edge.tls.certificate has `cert.pem/a`, which cannot be read",
        ),
        (
            "[[edge.static]]\nurl = \"/a/\"\ndirectory = \"staticfiles\"",
            "escala.toml:5: edge.static.directory has `staticfiles`, which does not exist",
        ),
        (
            "[[edge.static]]\nurl = \"/a/\"\ndirectory = \"cert.pem\"",
            "escala.toml:5: edge.static.directory has `cert.pem`, which is no directory",
        ),
        (
            "log.access = \"logs/a\"",
            "escala.toml:3: edge.log.access has `logs/a`, whose directory does not exist",
        ),
        (
            "log.access = \"directory/\"",
            "escala.toml:3: edge.log.access has `directory/`, which is a directory",
        ),
        (
            "admin = { socket = \"a\", token_file = \"token\" }",
            "escala.toml:3: edge.admin.token_file has `token`, which does not exist",
        ),
    ] {
        assert_eq!(project.load(text).unwrap_err(), error);
    }
    let text = "tls = { listen = \"[::]:443\", certificate = \"cert.pem\", key = \"cert.pem\" }\n\
                log.access = \"directory/access.json\"\n[[edge.static]]\nurl = \"/a/\"\ndirectory = \"directory\"";
    project.load(text).unwrap();
    // To look is not to make.
    assert!(!project.root().join("directory/access.json").exists());
}

#[test]
fn a_token_is_a_secret_or_an_error() {
    let project = Project::new();
    let text = "admin = { socket = \"a\", token_file = \"token\" }";
    let refused = |reason: &str| Err(format!("escala.toml:3: edge.admin.token_file has `token`, {reason}"));
    let load = || project.load(text).map(|config| config.admin.unwrap().token);
    let token = |text: &str, mode: u32| {
        let _ = fs::remove_file(project.root().join("token"));
        project.write("token", text, mode);
        load()
    };
    for mode in [0o600, 0o400] {
        assert_eq!(token(" s3cret-\"%\r\n", mode), Ok(Some("s3cret-\"%".to_owned())));
    }
    for mode in [0o644, 0o640, 0o604, 0o620] {
        let reason = format!("which others than its owner may use (mode {mode:o}): `chmod 600` it");
        assert_eq!(token("s3cret", mode), refused(&reason));
    }
    let long = "a".repeat(4_097);
    for no_word in ["", " \n", "two words", "geheim\u{ef}", &long] {
        assert_eq!(token(no_word, 0o600), refused("which is not one word of visible ASCII in 4096 bytes"));
    }
    // Whose permissions count is the file's, not a link's to it.
    project.write("open", "s3cret", 0o644);
    fs::remove_file(project.root().join("token")).unwrap();
    symlink("open", project.root().join("token")).unwrap();
    assert_eq!(load(), refused("which others than its owner may use (mode 644): `chmod 600` it"));
}

#[test]
fn it_is_read_anew_each_time() {
    let project = Project::new();
    assert_eq!(project.load("workers = 4").unwrap().gate.concurrency, 4);
    assert_eq!(project.load("workers = 5").unwrap().gate.concurrency, 5);
    assert_eq!(
        project.load("workers = 0").unwrap_err(),
        "escala.toml:3: edge.workers has `0`, which is out of range: 1 to 4096"
    );
    assert!((1..=THREADS_MAX).contains(&project.load("").unwrap().threads));
}
