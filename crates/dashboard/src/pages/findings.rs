//! `/api/findings`, and a finding as a row.

use analysis::{Finding, Place, Remedy};

use super::proofs;
use crate::api::params::RunParams;
use crate::api::{Confidence, FindingList, FindingRow};
use crate::app::{App, Failure};
use crate::convert::{analysed_key, place, rounded};

pub(crate) fn list(app: &App, params: &RunParams) -> Result<FindingList, Failure> {
    app.readers.read(|store| {
        let run = App::run(store, params.run)?;
        let found = app.findings.get(run.id, store.latest_ordinal(run.id)?);
        let proved = Proved::of(app);
        Ok(FindingList {
            run: run.id.number(),
            ready: found.is_some(),
            examined: found.as_ref().map_or(0, |found| found.examined),
            suppressed: found.as_ref().map_or(0, |found| found.suppressed),
            findings: found
                .map(|found| found.findings.iter().map(|finding| proved.row(finding)).collect())
                .unwrap_or_default(),
        })
    })
}

/// Findings beside their proofs.
pub(crate) struct Proved<'a> {
    app: &'a App,
}

impl<'a> Proved<'a> {
    pub(crate) fn of(app: &'a App) -> Self {
        Self { app }
    }

    pub(crate) fn row(&self, finding: &Finding) -> FindingRow {
        let origin = finding.origin.as_ref().and_then(|origin| origin.chain.first());
        FindingRow {
            id: finding.id.clone(),
            rule: finding.rule.name().to_owned(),
            summary: finding.rule.summary().to_owned(),
            subject: finding.subject.to_string(),
            endpoints: finding.endpoints.iter().map(analysed_key).collect(),
            origin: origin.map(place),
            access: finding.access.chain.first().map(place),
            queries_per_request: rounded(finding.cost.queries_per_request),
            ms_per_request: rounded(finding.cost.ms_per_request),
            share: rounded(finding.cost.share),
            total_ms: rounded(finding.cost.total_ms),
            requests: finding.cost.requests,
            confidence: confidence(finding.confidence),
            suggestion: finding.suggestion(),
            fixable: is_fixable(finding),
            proof_state: proofs::state(&self.app.root, proofs::read(self.app, &finding.id).as_ref()),
        }
    }
}

/// Whether `escala fix` can try it: something is known to help, and there is a file of the project to put it in.
fn is_fixable(finding: &Finding) -> bool {
    let by_hand = matches!(finding.remedy, None | Some(Remedy::ByHand(_)));
    !by_hand && finding.origin.as_ref().is_some_and(|origin| origin.chain.iter().any(Place::in_project))
}

fn confidence(confidence: analysis::Confidence) -> Confidence {
    match confidence {
        analysis::Confidence::Certain => Confidence::Certain,
        analysis::Confidence::Likely => Confidence::Likely,
        analysis::Confidence::Possible => Confidence::Possible,
    }
}
