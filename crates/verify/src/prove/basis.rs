//! What a finding's proof rests on: recorded requests, or tests.

use std::collections::BTreeSet;

use analysis::Finding;

use crate::suite::Claim;
use crate::traffic::Selection;

/// What a finding's proof rests on.
#[derive(Clone, Debug, Default)]
pub(super) struct Basis {
    /// Requests to replay. When none has the finding, the tests are to show it.
    pub(super) selection: Selection,
    /// What the tests are to show, where they are run.
    pub(super) claim: Claim,
}

impl Basis {
    /// Measured by replaying; the tests only see that nothing else changes.
    pub(super) fn requests(finding: &Finding, selection: Selection) -> Self {
        let elsewhere = finding.endpoints.iter().cloned().collect();
        Self { selection, claim: Claim { elsewhere, ..Claim::default() } }
    }

    /// Measured in the tests; the requests of other endpoints are not to change.
    pub(super) fn tests(finding: &Finding, controls: Vec<usize>) -> Self {
        let measured = finding.endpoints.iter().cloned().collect();
        let selection = Selection { affected: Vec::new(), controls };
        Self { selection, claim: Claim { measured, ..Claim::default() } }
    }

    /// Whether it is measured on requests.
    pub(super) fn has_requests(&self) -> bool {
        !self.selection.affected.is_empty()
    }

    /// What the proofs of several findings rest on together.
    pub(super) fn union<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut union = Self::default();
        let mut affected = BTreeSet::new();
        let mut controls = BTreeSet::new();
        for Self { selection, claim } in all {
            affected.extend(selection.affected.iter().copied());
            controls.extend(selection.controls.iter().copied());
            union.claim.measured.extend(claim.measured.iter().cloned());
            union.claim.elsewhere.extend(claim.elsewhere.iter().cloned());
        }
        union.selection = Selection {
            controls: controls.difference(&affected).copied().collect(),
            affected: affected.into_iter().collect(),
        };
        union
    }
}
