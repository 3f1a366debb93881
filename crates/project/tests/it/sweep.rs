//! Every call and every class of real files as the place of an eager load, and what must hold of each edit.
//!
//! Needs no knowledge of which calls build a queryset: a plan may refuse, but one that is given must keep every other
//! byte, parse, mean the same program but for the loads, and leave nothing to do for a second run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use project::{
    Anchor, EagerLoad, FilteredForm, RelatedModel, RelativePath, Root, Source, SourcePoint, SourceSpan,
    TextEdit, Unsupported, apply, plan_file,
};
use serde_json::{Value, json};

/// Paths that no file uses, so that what an edit added can be told from what was there.
const JOINED: &str = "escala_joined";
const FETCHED: &str = "escala_fetched__deep";

/// What is asked of one place.
type Request = (Anchor, Vec<EagerLoad>);

/// How much of a tree is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// Files, evenly spread over all of them in order.
    pub(crate) files_max: usize,
    /// Calls of each file, evenly spread; of its classes, a fifth as many.
    pub(crate) calls_max: usize,
}

/// What a sweep met.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// Files that were read and parsed.
    pub(crate) files: usize,
    /// Files that are not edited, by the reason.
    pub(crate) unread: BTreeMap<String, usize>,
    /// Places for which an edit was asked for.
    pub(crate) places: usize,
    /// Edits that were given, and held all that must hold.
    pub(crate) edits: usize,
    /// Places that were refused, by the reason.
    pub(crate) refused: BTreeMap<String, usize>,
    /// What did not hold: the promise that was broken, and where.
    pub(crate) broken: Vec<String>,
}

/// The interpreter that is asked where calls are and what an edit means.
pub(crate) struct Oracle {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts `python` with the program beside this file.
    pub(crate) fn start(python: &Path) -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/oracle.py");
        let mut child = Command::new(python)
            .arg("-B")
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", python.display()));
        let questions = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, questions, answers }
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").expect("the interpreter listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the interpreter answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("no answer ({error}): {line:?}"))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sweeps over the Python files below `directory`.
pub(crate) fn sweep(directory: &Path, extent: Extent, oracle: &mut Oracle) -> Sweep {
    let root = Root::open(directory).expect("the directory is there");
    let mut files = Vec::new();
    python_files(root.path(), &mut files);
    files.sort();
    let mut sweep = Sweep::default();
    for file in spread(&files, extent.files_max) {
        let relative = file.strip_prefix(root.path()).expect("below the root");
        let path = RelativePath::new(&relative.to_string_lossy()).expect("a path below the root");
        match root.read(&path) {
            Ok(source) => sweep.file(file, &source, extent, oracle),
            Err(reason) => *sweep.unread.entry(reason.to_string()).or_default() += 1,
        }
    }
    sweep
}

impl Sweep {
    fn file(&mut self, file: &Path, source: &Source, extent: Extent, oracle: &mut Oracle) {
        let answer = oracle.ask(&json!({ "path": file }));
        if let Some(problem) = answer["problem"].as_str() {
            self.unread.insert(format!("{}: {problem}", source.path()), 1);
            return;
        }
        self.files += 1;
        let requests = requests(source.path(), &answer, extent);
        let mut given = Vec::new();
        for request in requests {
            self.places += 1;
            match plan_file(source, std::slice::from_ref(&request)) {
                Ok(edits) => {
                    self.hold(source, std::slice::from_ref(&request), &edits);
                    given.push(request);
                }
                Err(refusal) => self.refuse(&refusal, source, &request),
            }
        }
        self.together(file, source, &given, oracle);
    }

    /// All edits of a file as one, and what the interpreter thinks of the result.
    fn together(&mut self, file: &Path, source: &Source, given: &[Request], oracle: &mut Oracle) {
        let plain = apart(given);
        for (requests, loads) in [(plain, vec![JOINED, FETCHED])].into_iter().chain(
            given.iter().filter(|(_, loads)| is_filtered(loads)).map(|own| (vec![own.clone()], vec![])),
        ) {
            if requests.is_empty() {
                continue;
            }
            let edits = match plan_file(source, &requests) {
                Ok(edits) => edits,
                Err(refusal) => {
                    self.broken.push(format!("{}: alone, but not together: {refusal}", source.path()));
                    continue;
                }
            };
            if requests.len() > 1 {
                self.hold(source, &requests, &edits);
            }
            let Ok(edited) = apply(source.text(), &edits) else { continue };
            let answer = oracle.ask(&json!({ "path": file, "edited": edited, "loads": loads }));
            if answer["same"] != true {
                self.broken.push(format!("{}: the interpreter says {answer}", source.path()));
            }
        }
    }

    /// What must hold of every edit.
    fn hold(&mut self, source: &Source, requests: &[Request], edits: &[TextEdit]) {
        let mut broken = |promise: &str| {
            self.broken.push(format!("{}: {promise}: {requests:?}", source.path()));
        };
        let Ok(edited) = apply(source.text(), edits) else { return broken("the edits do not apply") };
        if !keeps_the_rest(source.text(), &edited, edits) {
            return broken("bytes beside the edits change");
        }
        let again: Vec<Request> =
            requests.iter().filter_map(|request| moved(source.text(), &edited, edits, request)).collect();
        if again.len() < requests.len() {
            // The recorded access may be a part of the chain that the edit replaces.
            let is_swallowed = requests.iter().any(|(_, loads)| is_filtered(loads));
            if !is_swallowed {
                broken("an edit swallows the place that it is for");
            }
            return;
        }
        match plan_file(&Source::new(source.path().clone(), edited), &again) {
            Err(Unsupported::AlreadyThere) => self.edits += 1,
            Ok(_) => broken("a second run edits again"),
            Err(refusal) => broken(&format!("a second run does not know its own edit: {refusal}")),
        }
    }

    fn refuse(&mut self, refusal: &Unsupported, source: &Source, request: &Request) {
        // Calls are asked for where the interpreter says that they are.
        if matches!(refusal, Unsupported::Gate { .. } | Unsupported::NothingThere { .. }) {
            self.broken.push(format!("{}: {refusal}: {request:?}", source.path()));
        }
        *self.refused.entry(kind(refusal)).or_default() += 1;
    }

    /// The figures as one object.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "files": self.files,
            "unread": self.unread,
            "places": self.places,
            "edits": self.edits,
            "refused": self.refused,
            "broken": self.broken,
        })
    }
}

fn python_files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("the directory is read").flatten() {
        let (path, kind) = (entry.path(), entry.file_type().expect("a kind"));
        let skipped = ["site-packages", "dist-packages", "__pycache__"];
        if kind.is_dir() && !skipped.iter().any(|name| path.ends_with(name)) {
            python_files(&path, found);
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "py") {
            found.push(path);
        }
    }
}

/// At most `max` of the items, evenly spread.
fn spread<T>(items: &[T], max: usize) -> impl Iterator<Item = &T> {
    let taken = items.len().min(max);
    (0..taken).map(move |number| &items[number * items.len() / taken])
}

/// What is asked of a file: an eager load at its calls and classes; the filtered one where a relation may be read.
fn requests(path: &RelativePath, answer: &Value, extent: Extent) -> Vec<Request> {
    let calls = answer["calls"].as_array().expect("a list");
    let classes = answer["classes"].as_array().expect("a list");
    let expression = |point| Anchor::Expression { file: path.to_string(), point };
    let mut requests = Vec::new();
    for (number, call) in spread(calls, extent.calls_max).enumerate() {
        let point = point(&call["span"], number % 7 == 3);
        requests.push((expression(point), loads(number)));
        let relation = call["relation"].as_str().filter(|name| *name != "objects");
        if let (Some(relation), Some(before)) = (relation, calls.get(number.wrapping_sub(1))) {
            let form = [FilteredForm::Replace, FilteredForm::ToAttr][number % 2];
            let related_model =
                RelatedModel { module: "escala_shop.models".into(), name: "EscalaBook".into() };
            let load =
                EagerLoad::FilteredPrefetch { path: relation.into(), access: point, related_model, form };
            requests.push((expression(self::point(&before["span"], false)), vec![load]));
        }
    }
    let classes = spread(classes, extent.calls_max / 5);
    for (number, class) in classes.filter_map(Value::as_str).enumerate() {
        let anchor = Anchor::Class { file: path.to_string(), qualname: class.to_owned() };
        requests.push((anchor, loads(number)));
    }
    requests
}

fn loads(number: usize) -> Vec<EagerLoad> {
    let select = EagerLoad::Select { path: JOINED.to_owned() };
    let prefetch = EagerLoad::Prefetch { path: FETCHED.to_owned() };
    match number % 3 {
        0 => vec![select],
        1 => vec![prefetch],
        _ => vec![select, prefetch],
    }
}

fn is_filtered(loads: &[EagerLoad]) -> bool {
    loads.iter().any(|load| matches!(load, EagerLoad::FilteredPrefetch { .. }))
}

/// The requests that can be made together: a call whose argument an edit made a queryset of means that queryset, and a
/// line that got a second one is no longer told by its number.
fn apart(given: &[Request]) -> Vec<Request> {
    let mut free_from = (0, 0);
    let mut apart = Vec::new();
    for (anchor, loads) in given.iter().filter(|(_, loads)| !is_filtered(loads)) {
        if let Anchor::Expression { point, .. } = anchor {
            let Some(span) = point.span.filter(|span| (point.line, span.column) >= free_from) else {
                continue;
            };
            free_from = (span.end_line, span.end_column);
        }
        apart.push((anchor.clone(), loads.clone()));
    }
    apart
}

fn point(span: &Value, line_only: bool) -> SourcePoint {
    let at = |index: usize| span[index].as_u64().and_then(|number| u32::try_from(number).ok());
    let line = at(0).expect("a line");
    let exact = || Some(SourceSpan { column: at(1)?, end_line: at(2)?, end_column: at(3)? });
    SourcePoint { line, span: exact().filter(|_| !line_only) }
}

/// Whether the text between the edits is in the edited text, in order and with nothing beside it but the replacements.
fn keeps_the_rest(text: &str, edited: &str, edits: &[TextEdit]) -> bool {
    let mut expected = String::new();
    let mut from = 0;
    for edit in edits {
        let _ = write!(expected, "{}{}", &text[from..edit.range.start], edit.replacement);
        from = edit.range.end;
    }
    expected.push_str(&text[from..]);
    expected == edited
}

/// The request as it reads in the edited text.
fn moved(text: &str, edited: &str, edits: &[TextEdit], (anchor, loads): &Request) -> Option<Request> {
    let moved_point = |point: &SourcePoint| {
        let (before, after) = (line_starts(text), line_starts(edited));
        let offset = |line: u32, column: u32| Some(before.get(line as usize - 1)? + column as usize);
        let place = |offset: usize| {
            let line = after.partition_point(|start| *start <= offset);
            (line as u32, (offset - after[line - 1]) as u32)
        };
        let Some(span) = point.span else {
            let start = moved_offset(edits, *before.get(point.line as usize - 1)?, true)?;
            return Some(SourcePoint::line(place(loading_call(edited, start).unwrap_or(start)).0));
        };
        let start = moved_offset(edits, offset(point.line, span.column)?, true)?;
        let end = moved_offset(edits, offset(span.end_line, span.end_column)?, false)?;
        let ((line, column), (end_line, end_column)) = (place(start), place(end));
        Some(SourcePoint { line, span: Some(SourceSpan { end_line, column, end_column }) })
    };
    let anchor = match anchor {
        Anchor::Expression { file, point } => {
            Anchor::Expression { file: file.clone(), point: moved_point(point)? }
        }
        class @ Anchor::Class { .. } => class.clone(),
    };
    let loads = loads
        .iter()
        .map(|load| match load {
            EagerLoad::FilteredPrefetch { path, access, related_model, form } => {
                Some(EagerLoad::FilteredPrefetch {
                    path: path.clone(),
                    access: moved_point(access)?,
                    related_model: related_model.clone(),
                    form: *form,
                })
            }
            plain => Some(plain.clone()),
        })
        .collect::<Option<Vec<_>>>()?;
    Some((anchor, loads))
}

/// The call that an edit behind `start` wrote or extended: a line that was laid out over several is now the one that it
/// is on.
fn loading_call(edited: &str, start: usize) -> Option<usize> {
    let added = start + edited[start..].find("escala_")?;
    edited[start..added].rfind("_related(").map(|at| start + at)
}

/// Where a place of the old text is in the new one; before or behind what is inserted exactly there.
fn moved_offset(edits: &[TextEdit], offset: usize, behind: bool) -> Option<usize> {
    let mut shift = 0_isize;
    for TextEdit { range, replacement } in edits {
        let is_before = range.end < offset || (range.end == offset && (behind || !range.is_empty()));
        if is_before {
            shift += replacement.len().cast_signed() - range.len().cast_signed();
        } else if range.start < offset {
            return None;
        }
    }
    offset.checked_add_signed(shift)
}

/// Where lines start, as CPython counts them: after each line ending, and after a byte-order mark.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    let first = if text.starts_with('\u{feff}') { 3 } else { 0 };
    std::iter::once(first).chain((0..bytes.len()).filter(ends).map(|at| at + 1)).collect()
}

/// The kind of a refusal, without the names and numbers that differ from place to place.
fn kind(refusal: &Unsupported) -> String {
    match refusal {
        Unsupported::Method { reason, .. } | Unsupported::Class { reason, .. } => (*reason).to_owned(),
        other => {
            let debug = format!("{other:?}");
            debug.split(' ').next().unwrap_or_default().to_owned()
        }
    }
}
