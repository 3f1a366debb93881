//! What the dashboard reads of a fix: docs/reference/dashboard.md.

use std::time::{SystemTime, UNIX_EPOCH};

use dashboard::api::{
    EndpointGain, EndpointKey, Gain, GainMs, Kind, PatchedFile, Proof, ProofStatus, TestsRun,
};
use observation::TransactionKind;
use project::{PathError, RelativePath, Source};
use verify::{EndpointChange, Fix, Status};

/// One document; `apply_command` puts the change into the working tree.
pub(crate) fn render(fix: &Fix, apply_command: &str) -> Result<String, RenderError> {
    Ok(serde_json::to_string(&proof(fix, apply_command, now_us())?)?)
}

/// Why a fix has no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RenderError {
    #[error(transparent)]
    Path(#[from] PathError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

fn proof(fix: &Fix, apply_command: &str, made_at_us: u64) -> Result<Proof, PathError> {
    let measured = &fix.measured;
    Ok(Proof {
        finding: fix.finding.clone(),
        status: match fix.status {
            Status::Proved => ProofStatus::Proved,
            Status::Rejected => ProofStatus::Rejected,
            Status::Unsupported => ProofStatus::Unsupported,
        },
        reason: fix.reason.clone(),
        made_at_us,
        escala_version: env!("CARGO_PKG_VERSION").to_owned(),
        diff: fix.patch.diff(),
        files: fix.patch.files.iter().map(file).collect::<Result<_, _>>()?,
        replayed: measured.replayed as u64,
        identical: measured.identical as u64,
        tests: measured.tests.map(|tests| TestsRun {
            tests: tests.tests as u64,
            responses: tests.responses as u64,
            identical: tests.identical as u64,
            runs: tests.runs as u64,
        }),
        endpoints: measured.endpoints.iter().map(gain).collect(),
        left_out: measured.left_out.clone(),
        apply_command: apply_command.to_owned(),
    })
}

fn file(file: &verify::PatchedFile) -> Result<PatchedFile, PathError> {
    let after = Source::new(RelativePath::new(&file.path)?, file.after.clone());
    Ok(PatchedFile {
        path: file.path.clone(),
        sha256_before: file.expected_hash.clone(),
        sha256_after: after.hash().to_owned(),
        lines: file.lines.clone(),
    })
}

fn gain(change: &EndpointChange) -> EndpointGain {
    let EndpointChange { endpoint, request, queries, ms, requests } = change;
    EndpointGain {
        endpoint: EndpointKey {
            kind: match endpoint.kind {
                TransactionKind::Http => Kind::Http,
                TransactionKind::Test => Kind::Test,
                TransactionKind::Command => Kind::Command,
                TransactionKind::Task => Kind::Task,
            },
            method: endpoint.method.clone(),
            route: endpoint.route.clone(),
        },
        request: request.clone(),
        requests: *requests as u64,
        queries: Gain { before: queries.before, after: queries.after },
        wall_ms: GainMs { before: ms.before, after: ms.after },
    }
}

fn now_us() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
