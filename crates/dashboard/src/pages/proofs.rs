//! What `escala fix` found out, and whether it still holds.

use project::{RelativePath, Root};
use store::Proofs;

use crate::api::{Proof, ProofState, ProofStatus};
use crate::app::App;

/// Reads a proof; one that this version does not understand is none.
pub(crate) fn read(app: &App, finding: &str) -> Option<Proof> {
    let text = Proofs::of(app.readers.dir()).read(finding)?;
    serde_json::from_str(&text).ok().filter(|proof: &Proof| proof.finding == finding)
}

/// What a proof says of the files as they are now.
pub(crate) fn state(root: &Root, proof: Option<&Proof>) -> ProofState {
    let Some(proof) = proof else { return ProofState::None };
    match proof.status {
        ProofStatus::Unsupported => ProofState::Unsupported,
        status => match files(root, proof) {
            Files::AsBefore if status == ProofStatus::Proved => ProofState::Proved,
            Files::AsBefore => ProofState::Rejected,
            Files::AsAfter if status == ProofStatus::Proved => ProofState::Applied,
            Files::AsAfter | Files::Other => ProofState::Stale,
        },
    }
}

/// What the files of a proof are.
enum Files {
    AsBefore,
    AsAfter,
    Other,
}

fn files(root: &Root, proof: &Proof) -> Files {
    let hash = |path: &str| Some(root.read(&RelativePath::new(path).ok()?).ok()?.hash().to_owned());
    let hashes: Vec<_> = proof.files.iter().map(|file| (hash(&file.path), file)).collect();
    if hashes.iter().all(|(hash, file)| hash.as_ref() == Some(&file.sha256_before)) {
        Files::AsBefore
    } else if hashes.iter().all(|(hash, file)| hash.as_ref() == Some(&file.sha256_after)) {
        Files::AsAfter
    } else {
        Files::Other
    }
}
