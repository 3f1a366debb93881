//! The platform in a wheel's name, as PEP 600 has it: the oldest glibc that the files run with.

use anyhow::{Result, bail};

use super::elf::Needs;

/// Libraries that every Linux with glibc has; with any other one the wheel would install and not start.
const EVERYWHERE: [&str; 7] = [
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
];

/// The loader comes with glibc; its name has the processor in it.
const LOADER: &str = "ld-linux";

/// Rust's own floor: a name that promises an older one would not be true.
const GLIBC_MIN: (u32, u32) = (2, 17);

/// `manylinux_2_34_x86_64`.
pub(crate) fn tag(needs: &Needs, processor: &str) -> Result<String> {
    let is_elsewhere = |name: &&String| !EVERYWHERE.contains(&name.as_str()) && !name.starts_with(LOADER);
    if let Some(library) = needs.libraries.iter().find(is_elsewhere) {
        bail!("the build needs {library}, which not every Linux has: link it statically");
    }
    let Some(glibc) = needs.glibc else {
        bail!("the build uses no symbol of glibc, so no name says where it runs: build with a `gnu` target");
    };
    let (major, minor) = glibc.max(GLIBC_MIN);
    Ok(format!("manylinux_{major}_{minor}_{processor}"))
}

#[cfg(test)]
mod tests;
