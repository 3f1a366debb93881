//! How many units of work have begun, in all processes of a run, of which the recorder was not told how they ended.
//!
//! One number in a file that every process maps. A process that is killed leaves its share in it, and at the end of
//! the run what is left was lost: that is how `escala run` counts what nobody could tell it any more.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::mm::{MapFlags, ProtFlags, mmap};

/// The file stands beside the journal and is made by `escala run`.
const EXTENSION: &str = "open";

static OPEN: OnceLock<&AtomicU32> = OnceLock::new();

/// Maps the file; without one, nothing is counted.
pub(crate) fn install(journal: &Path) {
    if let Some(number) = map(&journal.with_extension(EXTENSION)) {
        let _ = OPEN.set(number);
    }
}

#[expect(unsafe_code, reason = "a counter that outlives a killed process has to be mapped memory")]
fn map(path: &Path) -> Option<&'static AtomicU32> {
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    // Touching a mapping beyond the file's end is fatal.
    if file.metadata().ok()?.len() < size_of::<AtomicU32>() as u64 {
        return None;
    }
    let access = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: the address is chosen by the kernel and nothing else knows of it; the file is as long as what is
    // mapped, lies in a directory of this user's alone, and nobody ever shortens it.
    let address = unsafe {
        mmap(std::ptr::null_mut(), size_of::<AtomicU32>(), access, MapFlags::SHARED, &file, 0).ok()?
    };
    // SAFETY: the mapping is never undone, it is aligned to a page, every bit pattern is a number, and all who share
    // it use atomic operations.
    Some(unsafe { AtomicU32::from_ptr(address.cast()) })
}

/// A unit of work began.
pub(crate) fn begun() {
    if let Some(open) = OPEN.get() {
        open.fetch_add(1, Ordering::Relaxed);
    }
}

/// The kernel has taken what tells the recorder how so many of them ended.
pub(crate) fn told(units: u32) {
    if let Some(open) = OPEN.get() {
        open.fetch_sub(units, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_share_the_number_and_a_short_file_is_left_alone() {
        let directory = std::env::temp_dir().join(format!("escala-agent-{}-open", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("journal.open");
        std::fs::write(&path, [0; 3]).unwrap();
        assert!(map(&path).is_none());
        std::fs::write(&path, [0; 4]).unwrap();
        let (one, other) = (map(&path).unwrap(), map(&path).unwrap());
        one.fetch_add(3, Ordering::Relaxed);
        other.fetch_sub(1, Ordering::Relaxed);
        assert_eq!(std::fs::read(&path).unwrap(), 2_u32.to_ne_bytes());
        std::fs::remove_dir_all(directory).unwrap();
    }
}
