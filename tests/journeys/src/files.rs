//! The files below a directory, to compare or to search.

use std::collections::BTreeMap;
use std::path::Path;

/// Every file below a directory, by its path from there with `/`. What has no content is left out: a socket, or a file
/// that is gone by the time it is read.
///
/// # Panics
/// When a directory cannot be listed.
pub fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(below) = directories.pop() {
        for entry in std::fs::read_dir(below).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let name = path.strip_prefix(directory).expect("a path below the directory");
                files.insert(name.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    files
}
