//! Rules about the workspace's members: the order they stand in and what they say of themselves.

use std::collections::BTreeSet;

use cargo_metadata::{Metadata, Package, PackageId};

use super::Problem;

const MANIFEST: &str = "Cargo.toml";
const LICENCE: &str = "MIT OR Apache-2.0";

/// A member of the workspace.
#[derive(Clone, Debug, Default)]
pub(super) struct Member {
    pub(super) name: String,
    /// Other members that it depends on, whatever for.
    pub(super) depends_on: BTreeSet<String>,
    pub(super) licence: String,
}

/// In the order of the manifest.
pub(super) fn from_metadata(metadata: &Metadata) -> Vec<Member> {
    let names: BTreeSet<&str> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let package = |id: &PackageId| metadata.packages.iter().find(|package| package.id == *id);
    let member = |package: &Package| Member {
        name: package.name.to_string(),
        depends_on: package
            .dependencies
            .iter()
            .filter(|dependency| dependency.path.is_some() && names.contains(dependency.name.as_str()))
            .map(|dependency| dependency.name.clone())
            .collect(),
        licence: package.license.clone().unwrap_or_default(),
    };
    metadata.workspace_members.iter().filter_map(package).map(member).collect()
}

/// The manifest reads as the table of contents: whoever reads it from the top meets nothing that rests on what
/// comes later.
pub(super) fn problems(members: &[Member]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for member in members {
        for dependency in &member.depends_on {
            if !seen.contains(dependency.as_str()) {
                let what = format!("`{}` stands before `{dependency}`, which it depends on", member.name);
                problems.push(Problem::of_file(MANIFEST, what));
            }
        }
        if member.licence != LICENCE {
            let what = format!("`{}` is not licensed as {LICENCE}", member.name);
            problems.push(Problem::of_file(MANIFEST, what));
        }
        seen.insert(&member.name);
    }
    problems
}

#[cfg(test)]
mod tests;
