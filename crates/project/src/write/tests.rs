use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;
use crate::source::Source;

struct Project {
    directory: TempDir,
    root: Root,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(directory.path().join(name), text).unwrap();
        }
        let root = Root::open(directory.path()).unwrap();
        Self { directory, root }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// A change of `name` as its text is now.
    fn change(&self, name: &str, new_text: &str) -> FileChange {
        let source: Source = self.root.read(&RelativePath::new(name).unwrap()).unwrap();
        FileChange {
            path: source.path().to_string(),
            expected_hash: source.hash().to_owned(),
            new_text: new_text.to_owned(),
        }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn writes_all_and_leaves_nothing_behind() {
    let project = Project::new(&[("a.py", "a\n"), ("b.py", "b\r\n")]);
    write(&project.root, &[project.change("b.py", "B\r\n"), project.change("a.py", "A")]).unwrap();
    assert_eq!((project.text("a.py"), project.text("b.py")), ("A".to_owned(), "B\r\n".to_owned()));
    assert_eq!(project.names(), ["a.py", "b.py"]);
}

#[test]
fn permission_bits_stay() {
    let project = Project::new(&[("manage.py", "a\n")]);
    fs::set_permissions(project.file("manage.py"), fs::Permissions::from_mode(0o754)).unwrap();
    write(&project.root, &[project.change("manage.py", "b\n")]).unwrap();
    assert_eq!(fs::metadata(project.file("manage.py")).unwrap().permissions().mode() & 0o7777, 0o754);
}

#[test]
fn a_link_inside_the_root_stays_a_link() {
    let project = Project::new(&[("a.py", "a\n")]);
    symlink("a.py", project.file("link.py")).unwrap();
    write(&project.root, &[project.change("link.py", "b\n")]).unwrap();
    assert!(fs::symlink_metadata(project.file("link.py")).unwrap().is_symlink());
    assert_eq!(project.text("a.py"), "b\n");
}

#[test]
fn one_changed_file_stops_all() {
    let project = Project::new(&[("a.py", "a\n"), ("b.py", "b\n")]);
    let changes = [project.change("a.py", "A\n"), project.change("b.py", "B\n")];
    fs::write(project.file("b.py"), "edited\n").unwrap();
    let refusal = write(&project.root, &changes).unwrap_err();
    assert!(matches!(&refusal, WriteError::Changed(path) if path.as_str() == "b.py"), "{refusal}");
    assert_eq!((project.text("a.py"), project.text("b.py")), ("a\n".to_owned(), "edited\n".to_owned()));
    assert_eq!(project.names(), ["a.py", "b.py"]);
}

#[test]
fn files_that_are_not_to_be_written_are_refused() {
    let project = Project::new(&[("a.py", "a\n"), ("b.py", "b\n")]);
    let change = project.change("a.py", "A\n");
    symlink("a.py", project.file("link.py")).unwrap();
    let twice = [change.clone(), FileChange { path: "link.py".to_owned(), ..change.clone() }];
    assert!(matches!(write(&project.root, &twice), Err(WriteError::Duplicate(_))));

    fs::set_permissions(project.file("a.py"), fs::Permissions::from_mode(0o444)).unwrap();
    let changes = [project.change("b.py", "B\n"), change];
    assert!(matches!(write(&project.root, &changes), Err(WriteError::ReadOnly(_))));

    let escaping = FileChange { path: "../a.py".to_owned(), ..project.change("b.py", "B") };
    assert!(matches!(write(&project.root, &[escaping]), Err(WriteError::Path(_))));

    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("b.py"), "b\n").unwrap();
    let change = project.change("b.py", "B\n");
    fs::remove_file(project.file("b.py")).unwrap();
    symlink(outside.path().join("b.py"), project.file("b.py")).unwrap();
    let refusal = write(&project.root, &[change]);
    assert!(matches!(refusal, Err(WriteError::Read(ReadError::OutsideRoot(_)))));
    assert_eq!(fs::read_to_string(outside.path().join("b.py")).unwrap(), "b\n");
}

#[test]
fn a_file_that_changes_while_texts_are_staged_stops_all() {
    let project = Project::new(&[("a.py", "a\n"), ("b.py", "b\n")]);
    let staged = stage_both(&project);
    fs::write(project.file("b.py"), "saved\n").unwrap();
    let refusal = commit(&staged, &mut |new, file| fs::rename(new, file)).unwrap_err();
    assert!(matches!(&refusal, WriteError::Changed(path) if path.as_str() == "b.py"), "{refusal}");
    assert_eq!((project.text("a.py"), project.text("b.py")), ("a\n".to_owned(), "saved\n".to_owned()));
}

fn stage_both(project: &Project) -> [Staged; 2] {
    ["a.py", "b.py"].map(|name| {
        let path = RelativePath::new(name).unwrap();
        Staged::prepare(project.file(name), path, &project.change(name, "new\n")).unwrap()
    })
}

/// Commits both files of a project with a rename that fails when `fails` says so.
fn commit_with(project: &Project, mut fails: impl FnMut(usize) -> bool) -> WriteError {
    let staged = stage_both(project);
    let mut calls = 0;
    let mut rename = |from: &Path, to: &Path| {
        calls += 1;
        if fails(calls) { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { fs::rename(from, to) }
    };
    commit(&staged, &mut rename).unwrap_err()
}

#[test]
fn a_failure_half_way_is_undone() {
    let project = Project::new(&[("a.py", "a\n"), ("b.py", "b\n")]);
    let failure = commit_with(&project, |call| call == 2);
    assert!(matches!(&failure, WriteError::Io { path, .. } if path.as_str() == "b.py"), "{failure}");
    assert_eq!((project.text("a.py"), project.text("b.py")), ("a\n".to_owned(), "b\n".to_owned()));
    assert_eq!(project.names(), ["a.py", "b.py"]);
}

#[test]
fn a_failure_that_cannot_be_undone_names_what_stays() {
    let project = Project::new(&[("a.py", "a\n"), ("b.py", "b\n")]);
    let failure = commit_with(&project, |call| call >= 2);
    let WriteError::NotRestored { kept, .. } = &failure else { panic!("{failure}") };
    assert_eq!(kept, &[RelativePath::new("a.py").unwrap()]);
    assert_eq!((project.text("a.py"), project.text("b.py")), ("new\n".to_owned(), "b\n".to_owned()));
}

/// Nothing can be made beside the kernel's own files, by whomever: as on a disk that is read-only.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_read_only_is_said_and_left_alone() {
    let root = Root::open(Path::new("/proc/sys/kernel")).unwrap();
    let path = RelativePath::new("hostname").unwrap();
    let source = root.read(&path).unwrap();
    let change = FileChange {
        path: path.to_string(),
        expected_hash: source.hash().to_owned(),
        new_text: "another".to_owned(),
    };
    let refusal = write(&root, &[change]).unwrap_err();
    let text = refusal.to_string();
    assert!(matches!(refusal, WriteError::Io { .. } | WriteError::ReadOnly(_)), "{text}");
    assert!(text.starts_with("hostname "), "{text}");
    assert_eq!(root.read(&path).unwrap(), source);
}
