//! The order of the findings, and their names.

use std::cmp::Ordering;

use crate::{Finding, Place};

/// Hex digits of an id: among a thousand findings, two share one by chance in fewer than one project in a million.
const ID_DIGITS: usize = 10;
const ID_BITS: u32 = 4 * ID_DIGITS as u32;

/// Names the findings and puts the costliest first.
pub(crate) fn rank(findings: &mut [Finding]) {
    for finding in &mut *findings {
        finding.id = id(finding);
    }
    // Namesakes are numbered by where they stand in the code: by cost, they would swap numbers between two runs.
    findings.sort_by(by_id_then_place);
    let mut last = String::new();
    let mut namesakes = 0;
    for finding in &mut *findings {
        if finding.id == last {
            namesakes += 1;
            finding.id = format!("{last}-{}", namesakes + 1);
        } else {
            last.clone_from(&finding.id);
            namesakes = 0;
        }
    }
    // Stable: findings of equal cost stay in the order of their ids.
    findings.sort_by(|one, other| other.cost.total_ms.total_cmp(&one.cost.total_ms));
}

fn by_id_then_place(one: &Finding, other: &Finding) -> Ordering {
    let place = |finding: &Finding| {
        (finding.origin.clone(), finding.access.clone(), finding.path.clone(), finding.subject.clone())
    };
    one.id.cmp(&other.id).then_with(|| place(one).cmp(&place(other)))
}

/// Made of names, not of lines: an edit elsewhere in the file does not rename a finding.
fn id(finding: &Finding) -> String {
    let subject = finding.subject.to_string();
    let path = finding.path.iter().map(|hop| hop.field.as_str());
    let origin = names(finding.origin.as_ref().and_then(|origin| origin.chain.first()));
    let access = names(finding.access.chain.first());
    let parts = [finding.rule.name(), &subject].into_iter().chain(origin).chain(access).chain(path);
    let hash = fnv_1a(parts);
    // Folded rather than cut, as the authors of FNV advise: every bit counts.
    let folded = (hash >> ID_BITS) ^ (hash & ((1 << ID_BITS) - 1));
    format!("{folded:0ID_DIGITS$x}")
}

/// File, name and member of a place; empty ones where there is none.
fn names(place: Option<&Place>) -> [&str; 3] {
    place.map_or([""; 3], |place| [&place.file, &place.name, &place.member])
}

/// FNV-1a with 64 bits: the standard library's hasher may change between releases, and these names may not.
fn fnv_1a<'part>(parts: impl Iterator<Item = &'part str>) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    // No UTF-8 text contains 0xff, so it keeps the parts apart.
    let bytes = parts.flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests;
