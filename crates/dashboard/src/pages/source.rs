//! `/api/source`.

use crate::api::params::SourceParams;
use crate::api::{Code, Place, PlaceKind};
use crate::app::{App, Failure};
use crate::code::Files;
use crate::limits::CONTEXT_LINES;

pub(crate) fn source(app: &App, params: &SourceParams) -> Result<Code, Failure> {
    app.readers.read(|store| {
        let run = App::run(store, params.run)?;
        let place = Place {
            kind: PlaceKind::Python,
            file: params.file.clone(),
            line: Some(params.line.max(1)),
            name: String::new(),
            member: String::new(),
            in_project: true,
        };
        Ok(Files::of(&app.root, store, run.id)?.around(&place, params.context.unwrap_or(CONTEXT_LINES)))
    })
}
