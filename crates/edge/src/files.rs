//! Files that are served without the app.
//!
//! Receives the head of a request. Gives an answer, or nothing: then the app is asked. That is so for every path that is
//! not plainly one of a regular file below a directory, so that an app which serves files itself, as Django does in
//! development, goes on doing so, and a page that is missing is the app's own. There are no listings and no index files.
//! Files are no work for the app: they count in no client's rate, and wait in no queue.
//!
//! In the order of their turn: `lookup` makes a name of a path; `memory` has small files whole, and the heads of large ones;
//! `disk` opens what is not known, or was not looked at for a second; `form` says how a file is sent; `body` sends a large
//! one as it is read.
//!
//! Invariants: no name leads out of its directory, whatever stands in it or changes meanwhile; only what anybody may see
//! is served; no thread that serves waits for a disk; files in memory, files that are open and threads that wait have a
//! bound each.

mod body;
mod disk;
mod form;
pub mod lookup;
pub mod media_type;
mod memory;
mod threads;

use std::io;
use std::sync::Arc;

use rustix::io::Errno;
use tokio::sync::Semaphore;

use crate::cache::UnixMs;
use crate::cache::coding::Coding;
use crate::cache::conditional;
use crate::config::Config;
use crate::edge::Edge;
use crate::http::{Method, Name, RequestHead};
use crate::limits::{FILE_KEPT_BYTES_MAX, FILES_OPEN_MAX};
use crate::serve::{Answer, Body, Share, excerpt};

pub(crate) use body::FileBody;
use disk::{Directory, Opened};
use form::{Common, Form, Resource};
use lookup::Place;
pub(crate) use memory::Kept;
use memory::{Key, Known, Memory};
use threads::Threads;

/// How often a file is looked at anew that changes while it is being answered with.
const TRIES: usize = 3;

/// What all requests for files share.
#[derive(Debug)]
pub struct Files {
    memory: Memory,
    threads: Threads,
    open: Arc<Semaphore>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            memory: Memory::default(),
            threads: Threads::default(),
            open: Arc::new(Semaphore::new(FILES_OPEN_MAX)),
        }
    }
}

impl Files {
    /// Bytes of files in memory, with what keeping them costs.
    pub fn bytes(&self) -> usize {
        self.memory.bytes()
    }
}

/// What can be said of a request at once.
#[derive(Debug)]
pub(crate) enum AtHand {
    /// It is for no file.
    NoFile,
    /// It is for a file in memory, as it is or compressed, and there is nothing to think about.
    File(Arc<Kept>, Option<Coding>),
    /// [`answer`] knows.
    Ask,
}

impl Kept {
    /// Status line and fields of an answer with all of the file, as HTTP/1.1 has them, but for its date.
    pub(crate) fn head(&self, coding: Option<Coding>) -> &[u8] {
        &self.resource.form(coding).head
    }

    /// All of the file; nothing for one that is not in memory.
    pub(crate) fn content(&self, coding: Option<Coding>) -> &[u8] {
        self.resource.form(coding).content.as_deref().unwrap_or_default()
    }
}

/// Looks whether a request without a body is for a file that is in memory. Nothing here waits, and hardly anything
/// allocates.
pub(crate) fn at_hand(edge: &Edge, config: &Config, head: &RequestHead, now: UnixMs) -> AtHand {
    let Some(place) = lookup::find(head.path(), &config.statics) else { return AtHand::NoFile };
    let memory = &edge.files.memory;
    let kept = match memory.find(memory.hash(&place), &place, now) {
        Known::Fresh(kept) => kept,
        Known::Absent => return AtHand::NoFile,
        Known::Due(_) | Known::Nothing => return AtHand::Ask,
    };
    let asks_for_more = !head.method.is_cacheable()
        || head.fields.has(Name::Range)
        || conditional::has_any(&head.fields)
        || conditional::is_for_the_app(&head.fields);
    let coding = kept.resource.choose(&head.fields);
    if asks_for_more || kept.resource.form(coding).content.is_none() {
        return AtHand::Ask;
    }
    AtHand::File(kept, coding)
}

/// Answers a request that is for a file; `None` hands it on to the app.
pub(crate) async fn answer(
    edge: &Arc<Edge>,
    config: &Config,
    head: &RequestHead,
    now: UnixMs,
) -> Option<Answer> {
    let place = lookup::find(head.path(), &config.statics)?;
    for _ in 0..TRIES {
        let kept = match find(edge, &place, now).await {
            Ok(kept) => kept?,
            Err(_) => return Some(Answer::of_the_edge(503, DISK_HANGS)),
        };
        match respond(&edge.files, &kept, head).await {
            Ok(answer) => return Some(answer),
            // Another file is there now, or none.
            Err(Unsent::Changed) => edge.files.memory.forget(&kept),
            Err(Unsent::NotNow(why)) => return Some(Answer::of_the_edge(503, why)),
        }
    }
    None
}

/// What is known of a file, or is found out.
///
/// # Errors
/// When the disk does not answer.
async fn find(edge: &Arc<Edge>, place: &Place<'_>, now: UnixMs) -> io::Result<Option<Arc<Kept>>> {
    let memory = &edge.files.memory;
    let hash = memory.hash(place);
    let known = match memory.find(hash, place, now) {
        Known::Fresh(kept) => return Ok(Some(kept)),
        Known::Absent => return Ok(None),
        // Somebody else asks: until there is news, it is what it was.
        Known::Due(kept) if !kept.begin_check(now) => return Ok(Some(kept)),
        Known::Due(kept) => Some(kept),
        Known::Nothing => None,
    };
    // What it finds is kept also when this client is gone by then.
    let (edge_too, key, old) = (Arc::clone(edge), Key::of(place), known.clone());
    let looked = edge.files.threads.run(move || look(&edge_too.files.memory, hash, key, known, now)).await;
    // What is in memory needs no disk.
    looked.or_else(|error| old.map_or(Err(error), |old| Ok(Some(old))))
}

/// Asks the disk, and keeps what it says.
fn look(memory: &Memory, hash: u64, key: Key, known: Option<Arc<Kept>>, now: UnixMs) -> Option<Arc<Kept>> {
    // Of many who wait for the same file, the first has looked.
    if known.is_none()
        && let Some(kept) = memory.get(hash, &key, now)
    {
        return Some(kept);
    }
    for _ in 0..TRIES {
        let seen = match Seen::look(&key) {
            Ok(seen) => seen,
            // It says nothing of the file.
            Err(error) if is_exhausted(&error) => return known,
            Err(_) => {
                memory.note_absence(hash, &key, now);
                return None;
            }
        };
        if let Some(known) = known.as_ref().filter(|known| seen.is(&known.resource)) {
            return Some(Arc::clone(known));
        }
        // One that changes while it is read is looked at again.
        if let Ok(resource) = seen.resource(&key, now) {
            return Some(memory.keep(hash, key, resource, now));
        }
    }
    None
}

/// A file and its compressed forms, opened.
struct Seen {
    file: Opened,
    others: Vec<(Coding, Opened)>,
}

impl Seen {
    fn look(key: &Key) -> io::Result<Self> {
        let directory = Directory::open(&key.directory)?;
        let file = directory.file(&key.relative)?;
        let other = |coding: Coding| {
            let opened = directory.file(&name_of(key, Some(coding))).ok()?;
            opened.stamp.is_as_new_as(&file.stamp).then_some((coding, opened))
        };
        let others = Coding::ALL.into_iter().filter_map(other).collect();
        Ok(Self { file, others })
    }

    fn is(&self, resource: &Resource) -> bool {
        let others = self.others.iter().map(|(coding, opened)| (Some(*coding), opened.stamp));
        self.file.stamp == resource.file.stamp
            && others.eq(resource.others.iter().map(|form| (form.coding, form.stamp)))
    }

    /// Reads what is small enough to be kept.
    fn resource(&self, key: &Key, now: UnixMs) -> io::Result<Resource> {
        let common = Common {
            name: &key.relative,
            lifetime_s: key.lifetime_s,
            varies: !self.others.is_empty(),
            now_s: now / 1_000,
        };
        let form = |coding: Option<Coding>, opened: &Opened| {
            let is_small = opened.stamp.length <= FILE_KEPT_BYTES_MAX;
            let content = if is_small { Some(opened.read()?) } else { None };
            Ok::<_, io::Error>(Form::new(common, coding, opened.stamp, content))
        };
        let others = self.others.iter().map(|(coding, opened)| form(Some(*coding), opened));
        Ok(Resource { file: form(None, &self.file)?, others: others.collect::<Result<_, _>>()? })
    }
}

/// Whether it is the machine that cannot, whatever the file is.
fn is_exhausted(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::IO | Errno::INTR)
    )
}

/// The name of a form below the directory.
fn name_of(key: &Key, coding: Option<Coding>) -> String {
    [&*key.relative, coding.map_or("", Coding::extension)].concat()
}

/// Why a file that was there is not sent.
enum Unsent {
    /// It is not what it was.
    Changed,
    /// In words for the client.
    NotNow(&'static str),
}

const DISK_HANGS: &str = "the disk does not answer";

/// Answers with a file.
async fn respond(files: &Files, kept: &Kept, head: &RequestHead) -> Result<Answer, Unsent> {
    if !head.method.is_cacheable() {
        let mut answer = Answer::of_the_edge(405, "a file can be read, and nothing else");
        answer.head.fields.push(b"allow", b"GET, HEAD");
        return Ok(answer);
    }
    let form = kept.resource.form(kept.resource.choose(&head.fields));
    if conditional::fails(&head.fields, &form.fields) {
        return Ok(Answer::of_the_edge(412, "the file is another one by now"));
    }
    let length = form.stamp.length;
    let (response, share) = excerpt(&form.fields, length, &head.method, &head.fields);
    let part = match share {
        Share::Whole if head.method != Method::Head => Some((0, length)),
        Share::Bytes { first, last } => Some((first, last + 1)),
        Share::Whole | Share::Nothing => None,
    };
    let body = match (part, &form.content) {
        (None, _) => Body::Empty,
        // It is in memory, so that its length is.
        (Some((begin, end)), Some(content)) => Body::Full(content.slice(begin as usize..end as usize)),
        (Some((begin, end)), None) => Body::File(Box::new(open(files, kept, form, begin, end).await?)),
    };
    Ok(Answer { head: response, body, outcome: None, closes: false })
}

/// Opens a large file to send a part of it, if it is still the one whose head is known.
async fn open(files: &Files, kept: &Kept, form: &Form, begin: u64, end: u64) -> Result<FileBody, Unsent> {
    let Ok(place) = Arc::clone(&files.open).try_acquire_owned() else {
        return Err(Unsent::NotNow("too many large files are being sent"));
    };
    let (directory, name) = (kept.key.directory.clone(), name_of(&kept.key, form.coding));
    let opened = files.threads.run(move || Directory::open(&directory)?.file(&name)).await;
    match opened {
        Ok(Ok(Opened { file, stamp })) if stamp == form.stamp => {
            Ok(FileBody::new(file, begin, end - begin, files.threads.clone(), place))
        }
        Ok(Err(error)) if is_exhausted(&error) => Err(Unsent::NotNow("too many files are open")),
        Ok(_) => Err(Unsent::Changed),
        Err(_) => Err(Unsent::NotNow(DISK_HANGS)),
    }
}

#[cfg(test)]
mod tests;
