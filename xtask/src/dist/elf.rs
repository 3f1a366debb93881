//! What a Linux program or library needs of the system that runs it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use object::Endianness;
use object::elf::{DT_NEEDED, FileHeader64};
use object::read::elf::{Dyn as _, FileHeader as _};

/// A version of glibc: major, minor.
pub(crate) type Glibc = (u32, u32);

/// The needs of one file, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The newest glibc whose symbols are used; none when no versioned symbol of it is.
    pub(crate) glibc: Option<Glibc>,
    /// Shared libraries, by the names that the loader looks for.
    pub(crate) libraries: BTreeSet<String>,
}

impl Needs {
    /// Takes another file's needs in.
    pub(crate) fn merge(&mut self, other: Self) {
        self.glibc = self.glibc.max(other.glibc);
        self.libraries.extend(other.libraries);
    }
}

/// Reads the needs of a 64-bit ELF file.
pub(crate) fn needs(file: &[u8]) -> Result<Needs> {
    let header = FileHeader64::<Endianness>::parse(file).context("this is no 64-bit ELF file")?;
    let endian = header.endian()?;
    let sections = header.sections(endian, file)?;
    let mut needs = Needs::default();
    if let Some((dynamic, strings)) = sections.dynamic(endian, file)? {
        let strings = sections.strings(endian, file, strings)?;
        for entry in dynamic.iter().filter(|entry| entry.tag(endian) == DT_NEEDED) {
            let name = entry.string(endian, strings)?;
            needs.libraries.insert(String::from_utf8_lossy(name).into_owned());
        }
    }
    if let Some((mut libraries, strings)) = sections.gnu_verneed(endian, file)? {
        let strings = sections.strings(endian, file, strings)?;
        while let Some((_, mut versions)) = libraries.next()? {
            while let Some(version) = versions.next()? {
                let name = String::from_utf8_lossy(version.name(endian, strings)?);
                needs.glibc = needs.glibc.max(glibc(&name));
            }
        }
    }
    Ok(needs)
}

/// `GLIBC_2.34` as a version; none for the versions of other libraries, and for `GLIBC_PRIVATE`.
fn glibc(name: &str) -> Option<Glibc> {
    let mut parts = name.strip_prefix("GLIBC_")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests;
