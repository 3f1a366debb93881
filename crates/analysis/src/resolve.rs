//! From the indices of a transaction's tables to values that stand alone, so that transactions can be compared.

use observation::{ChainId, Details, RelationId, Site};

use crate::{Hop, Place, Relation};

pub(crate) fn chain(details: &Details, id: ChainId) -> Vec<Place> {
    details.chain(id).map(|site| place(details, site)).collect()
}

fn place(details: &Details, site: &Site) -> Place {
    Place {
        kind: site.kind,
        file: details.text(site.file).to_owned(),
        line: site.line,
        span: site.span.map(|span| (span.column, span.end_line, span.end_column)),
        name: details.text(site.name).to_owned(),
        member: details.text(site.member).to_owned(),
    }
}

/// None for an index outside its table: the value was not decoded from a frame.
pub(crate) fn relation(details: &Details, id: RelationId) -> Option<Relation> {
    let relation = details.relations.get(id.index())?;
    Some(Relation {
        model: details.text(relation.model).to_owned(),
        field: details.text(relation.field).to_owned(),
        kind: relation.kind,
        target: details.text(relation.target).to_owned(),
        target_module: details.text(relation.target_module).to_owned(),
    })
}

/// See [`relation`] for when there is none.
pub(crate) fn path(details: &Details, ids: &[RelationId]) -> Option<Vec<Hop>> {
    ids.iter()
        .map(|id| {
            let relation = details.relations.get(id.index())?;
            Some(Hop { field: details.text(relation.field).to_owned(), kind: relation.kind })
        })
        .collect()
}
