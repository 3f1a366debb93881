//! From a finding to the edits that may answer it, in order of preference. Pure.

use analysis::{Finding, Origin, Place, Remedy};
use observation::SiteKind;
use project::{Anchor, EagerLoad, FilteredForm, RelatedModel, SourcePoint, SourceSpan};

use crate::limits::CANDIDATES_MAX;

/// Eager loads, added in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Where the queryset is built.
    pub(crate) anchor: Anchor,
    /// What is added.
    pub(crate) loads: Vec<EagerLoad>,
}

/// Why a finding has no candidate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoCandidate {
    #[error("it is to be changed by hand: {0}")]
    ByHand(&'static str),
    #[error("where the queryset is built is not known")]
    OriginUnknown,
    #[error("no eager load answers it")]
    NoRemedy,
    #[error("the queryset is built outside the project, in {0}")]
    OutsideProject(String),
}

/// The candidates for a finding: place by place, the one nearest to the queryset first.
pub(crate) fn candidates(finding: &Finding) -> Result<Vec<Candidate>, NoCandidate> {
    if let Some(Remedy::ByHand(advice)) = finding.remedy {
        return Err(NoCandidate::ByHand(advice));
    }
    if finding.remedy == Some(Remedy::FetchOnce) {
        return fetch_once(finding);
    }
    let origin = finding.origin.as_ref().ok_or(NoCandidate::OriginUnknown)?;
    let remedy = finding.remedy.as_ref().ok_or(NoCandidate::NoRemedy)?;
    let loads = rivals(finding, origin, remedy);
    let anchors = anchors(origin, loads.len());
    if anchors.is_empty() {
        return Err(origin
            .chain
            .first()
            .map_or(NoCandidate::OriginUnknown, |place| NoCandidate::OutsideProject(place.file.clone())));
    }
    let each = |anchor: &Anchor| {
        let anchor = anchor.clone();
        loads.iter().map(move |loads| Candidate { anchor: anchor.clone(), loads: loads.clone() })
    };
    Ok(anchors.iter().flat_map(each).take(CANDIDATES_MAX).collect())
}

/// What is asked of a queryset is changed where it is asked.
fn fetch_once(finding: &Finding) -> Result<Vec<Candidate>, NoCandidate> {
    let place = finding.access.chain.first().ok_or(NoCandidate::OriginUnknown)?;
    if place.in_project() && place.kind == SiteKind::Python {
        Ok(vec![Candidate { anchor: anchor(place), loads: vec![EagerLoad::Rows] }])
    } else {
        Err(NoCandidate::OutsideProject(place.file.clone()))
    }
}

/// What competes at one place: the analysis' own suggestion, and its rivals. Those that save more queries come first.
fn rivals(finding: &Finding, origin: &Origin, remedy: &Remedy) -> Vec<Vec<EagerLoad>> {
    let alone = loads(finding, remedy).into_iter().map(|load| vec![load]);
    let with_passed = match remedy {
        Remedy::SelectRelated { path } if !origin.passed.is_empty() => {
            let join = |path: &String| EagerLoad::Select { path: path.clone() };
            Some([path].into_iter().chain(&origin.passed).map(join).collect())
        }
        _ => None,
    };
    with_passed.into_iter().chain(alone).collect()
}

/// A join and a second query are rivals wherever both are possible.
fn loads(finding: &Finding, remedy: &Remedy) -> Vec<EagerLoad> {
    match remedy {
        Remedy::SelectRelated { path } => {
            vec![EagerLoad::Select { path: path.clone() }, EagerLoad::Prefetch { path: path.clone() }]
        }
        Remedy::PrefetchRelated { path } => vec![EagerLoad::Prefetch { path: path.clone() }],
        Remedy::FilteredPrefetch { path } => {
            // On an ordered relation a plain prefetch answers `.first()` and slices; where it does not, the proof shows.
            let mut loads = filtered(finding, path).unwrap_or_default();
            loads.push(EagerLoad::Prefetch { path: path.clone() });
            loads
        }
        Remedy::Column { path } => vec![EagerLoad::Column { path: path.clone() }],
        Remedy::FetchOnce | Remedy::ByHand(_) => Vec::new(),
    }
}

/// A `Prefetch` with the access rewritten; none where the access is not Python of the project.
fn filtered(finding: &Finding, path: &str) -> Option<Vec<EagerLoad>> {
    let access = finding.access.chain.first()?;
    if access.kind != SiteKind::Python || !access.in_project() {
        return None;
    }
    let relation = finding.relation()?;
    let name = relation.target.rsplit('.').next().unwrap_or_default();
    let related_model = RelatedModel { module: relation.target_module.clone(), name: name.to_owned() };
    let load = |form| EagerLoad::FilteredPrefetch {
        path: path.to_owned(),
        access: point(access),
        related_model: related_model.clone(),
        form,
    };
    Some(vec![load(FilteredForm::Replace), load(FilteredForm::ToAttr)])
}

/// The places to edit, at each of which so many loads compete.
fn anchors(origin: &Origin, rivals: usize) -> Vec<Anchor> {
    let is_editable = |place: &&Place| place.in_project() && place.kind != SiteKind::Template;
    let mut places: Vec<_> = origin.chain.iter().filter(is_editable).collect();
    // Code that hands a queryset to many is changed where it is built if that harms nobody, else where it is used.
    places.splice(places.len().min(1)..places.len().min(1), origin.used.iter().filter(is_editable));
    // A manager serves every page of the site: the places of the page that is slow come first, and leave it a turn.
    if places.first().is_some_and(|place| is_manager_default(place)) {
        let tried = places.len().min(CANDIDATES_MAX / rivals.max(1));
        places[..tried].rotate_left(1);
    }
    let mut anchors = Vec::new();
    for place in places {
        let anchor = anchor(place);
        if !anchors.contains(&anchor) {
            anchors.push(anchor);
        }
    }
    anchors
}

/// Whether the place is what a custom manager makes every queryset of.
fn is_manager_default(place: &Place) -> bool {
    place
        .name
        .strip_suffix(".get_queryset")
        .is_some_and(|class| class.ends_with("Manager") || class.ends_with("QuerySet"))
}

fn anchor(place: &Place) -> Anchor {
    let file = place.file.clone();
    match place.kind {
        SiteKind::Class => Anchor::Class { file, qualname: place.name.clone() },
        SiteKind::Python | SiteKind::Template => Anchor::Expression { file, point: point(place) },
    }
}

fn point(place: &Place) -> SourcePoint {
    let span = place.span().map(|span| SourceSpan {
        end_line: span.end_line,
        column: span.column,
        end_column: span.end_column,
    });
    SourcePoint { line: place.line, span }
}

/// Several candidates as one change: the loads of every anchor, without those that another one implies.
pub(crate) fn combine(candidates: &[&Candidate]) -> Vec<(Anchor, Vec<EagerLoad>)> {
    let mut combined: Vec<(Anchor, Vec<EagerLoad>)> = Vec::new();
    for candidate in candidates {
        match combined.iter_mut().find(|(anchor, _)| *anchor == candidate.anchor) {
            Some((_, loads)) => {
                for load in &candidate.loads {
                    if !loads.contains(load) {
                        loads.push(load.clone());
                    }
                }
            }
            None => combined.push((candidate.anchor.clone(), candidate.loads.clone())),
        }
    }
    for (_, loads) in &mut combined {
        let all = loads.clone();
        loads.retain(|load| !all.iter().any(|other| implies(other, load)));
    }
    combined
}

/// `select_related("copy__title")` joins `copy` too; `prefetch_related("books__publisher")` fetches `books` too; and
/// what a join brings along needs no prefetch.
fn implies(longer: &EagerLoad, shorter: &EagerLoad) -> bool {
    let ((
        EagerLoad::Select { path: long },
        EagerLoad::Select { path: short } | EagerLoad::Prefetch { path: short },
    )
    | (EagerLoad::Prefetch { path: long }, EagerLoad::Prefetch { path: short })) = (longer, shorter)
    else {
        return false;
    };
    match long.strip_prefix(short.as_str()) {
        Some("") => longer != shorter,
        Some(rest) => rest.starts_with("__"),
        None => false,
    }
}

#[cfg(test)]
mod tests;
