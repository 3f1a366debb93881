//! Whether two queries of a unit of work had the same parameters, without keeping any of them.
//!
//! What is kept is a hash under a key that is drawn once in a process and never leaves it, and nor does the hash: a frame
//! says no more than which of its queries are alike. No code of the app runs: only values whose type is known are looked
//! at, and those by the interpreter's own means. One that is none of these, or too much to read, makes a query that is
//! like no other.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;

use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};

/// Bytes of parameters that are read for one query: some 900 keys in a list, or a long text.
const BYTES_MAX: usize = 8 << 10;

/// Lists within lists that are read.
const DEPTH_MAX: u32 = 4;

/// What a value counts beside its bytes.
const VALUE_BYTES: usize = 9;

/// The hash of a statement with these parameters. `query` is what else two queries must have in common.
///
/// `text` is the statement where values stand in it, which the numbers in `query` say nothing of.
pub(crate) fn hash(
    query: [u32; 2],
    text: Option<&str>,
    parameters: Option<&Bound<'_, PyAny>>,
) -> Option<u64> {
    static KEY: OnceLock<RandomState> = OnceLock::new();
    let hasher = KEY.get_or_init(RandomState::new).build_hasher();
    let mut reader = Reader { hasher, waiting: [0; WAITING_BYTES], filled: 0, bytes_left: BYTES_MAX };
    reader.put(&(u64::from(query[0]) << 32 | u64::from(query[1])).to_ne_bytes());
    if let Some(text) = text {
        reader.bytes(b'q', text.as_bytes())?;
    }
    if let Some(parameters) = parameters {
        reader.value(parameters, DEPTH_MAX)?;
    }
    Some(reader.finish())
}

/// Bytes that are hashed at once: many small pieces would take several times as long.
const WAITING_BYTES: usize = 256;

struct Reader<H> {
    hasher: H,
    /// What is not hashed yet.
    waiting: [u8; WAITING_BYTES],
    filled: usize,
    bytes_left: usize,
}

/// The address of a type, to compare with.
macro_rules! is {
    ($class:ident, $type:ident) => {
        std::ptr::eq($class, &raw const ffi::$type)
    };
}

impl<H: Hasher> Reader<H> {
    fn put(&mut self, bytes: &[u8]) {
        if self.filled + bytes.len() > WAITING_BYTES {
            self.hasher.write(&self.waiting[..self.filled]);
            self.filled = 0;
        }
        if bytes.len() > WAITING_BYTES {
            self.hasher.write(bytes);
        } else {
            self.waiting[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
            self.filled += bytes.len();
        }
    }

    fn finish(mut self) -> u64 {
        self.hasher.write(&self.waiting[..self.filled]);
        self.hasher.finish()
    }

    /// None when the value cannot be compared.
    fn value(&mut self, value: &Bound<'_, PyAny>, depth: u32) -> Option<()> {
        let class = value.get_type_ptr().cast_const();
        if is!(class, PyLong_Type) {
            self.integer(b'i', value)
        } else if is!(class, PyUnicode_Type) {
            self.text(b's', value)
        } else if value.is_none() {
            self.word(b'n', 0)
        } else if let Ok(value) = value.cast_exact::<PyBool>() {
            self.word(b'b', u64::from(value.is_true()))
        } else if let Ok(value) = value.cast_exact::<PyFloat>() {
            self.word(b'f', value.value().to_bits())
        } else if let Ok(value) = value.cast_exact::<PyBytes>() {
            self.bytes(b'y', value.as_bytes())
        } else if let Ok(values) = value.cast_exact::<PyTuple>() {
            self.values(b't', values.len(), values.iter(), depth)
        } else if let Ok(values) = value.cast_exact::<PyList>() {
            self.values(b'l', values.len(), values.iter(), depth)
        } else if value.is_instance_of::<PyInt>() {
            // psycopg has classes of its own for integers of different sizes, which hold nothing but the number.
            self.word(b'c', class.addr() as u64)?;
            self.integer(b'i', value)
        } else if value.is_instance_of::<PyString>() {
            self.word(b'c', class.addr() as u64)?;
            self.text(b's', value)
        } else {
            self.of_standard_library(value, depth)
        }
    }

    /// One more value, of a kind, with what there is of it in one word.
    fn word(&mut self, kind: u8, word: u64) -> Option<()> {
        self.bytes_left = self.bytes_left.checked_sub(VALUE_BYTES)?;
        let mut bytes = [kind; VALUE_BYTES];
        bytes[1..].copy_from_slice(&word.to_ne_bytes());
        self.put(&bytes);
        Some(())
    }

    /// With the length before, so that the ends of two texts cannot be confused.
    fn bytes(&mut self, kind: u8, bytes: &[u8]) -> Option<()> {
        self.bytes_left = self.bytes_left.checked_sub(bytes.len())?;
        self.word(kind, bytes.len() as u64)?;
        self.put(bytes);
        Some(())
    }

    fn values<'py>(
        &mut self,
        kind: u8,
        length: usize,
        mut values: impl Iterator<Item = Bound<'py, PyAny>>,
        depth: u32,
    ) -> Option<()> {
        self.word(kind, length as u64)?;
        let depth = depth.checked_sub(1)?;
        values.try_for_each(|value| self.value(&value, depth))
    }

    /// An integer that a database's own integer can hold.
    #[expect(
        unsafe_code,
        reason = "pyo3 asks objects that are no integers what they are; this never runs their code"
    )]
    fn integer(&mut self, kind: u8, value: &Bound<'_, PyAny>) -> Option<()> {
        let mut overflow = 0;
        // SAFETY: callers pass an int, or an instance of a class derived from it; such a call reads the digits, and does
        // not raise.
        let number = unsafe { ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &raw mut overflow) };
        if overflow == 0 { self.word(kind, number.cast_unsigned()) } else { None }
    }

    #[expect(unsafe_code, reason = "the length of a text, whatever a derived class says of it")]
    fn text(&mut self, kind: u8, value: &Bound<'_, PyAny>) -> Option<()> {
        let value = value.cast::<PyString>().ok()?;
        // SAFETY: it is a str, so that this cannot fail. Asked first, because what is no ASCII has to be encoded.
        let length = unsafe { ffi::PyUnicode_GetLength(value.as_ptr()) };
        if usize::try_from(length).ok()? > self.bytes_left {
            return None;
        }
        self.bytes(kind, value.to_str().ok()?.as_bytes())
    }

    fn of_standard_library(&mut self, value: &Bound<'_, PyAny>, depth: u32) -> Option<()> {
        let py = value.py();
        let known = known_types(py);
        let class = value.get_type_ptr() as usize;
        if known.utc.as_ref().is_some_and(|utc| utc.is(value)) {
            return self.word(b'z', 0);
        }
        let (_, kind, _) = known.classes.iter().find(|(known, ..)| *known == class)?;
        self.word(b'k', class as u64)?;
        match kind {
            // What a pickle would hold: bytes and numbers, and a time zone as it is.
            Kind::Time => {
                let reduced = value.call_method1(intern!(py, "__reduce_ex__"), (2,)).ok()?;
                self.value(&reduced.get_item(1).ok()?, depth.checked_sub(1)?)
            }
            Kind::Decimal => self.text(b's', value.str().ok()?.as_any()),
            Kind::Uuid => {
                let number = value.getattr(intern!(py, "int")).ok()?.extract::<u128>().ok()?;
                self.bytes(b'y', &number.to_ne_bytes())
            }
        }
    }
}

/// How the value of a type of the standard library is read.
#[derive(Clone, Copy)]
enum Kind {
    Time,
    Decimal,
    Uuid,
}

/// The types of the standard library that databases take, as far as they are there: Django imports them all.
struct KnownTypes {
    /// By address, which is their own as long as they are held here.
    classes: Vec<(usize, Kind, Py<PyAny>)>,
    utc: Option<Py<PyAny>>,
}

fn known_types(py: Python<'_>) -> &KnownTypes {
    static KNOWN: PyOnceLock<KnownTypes> = PyOnceLock::new();
    KNOWN.get_or_init(py, || {
        let classes = [
            ("datetime", "datetime", Kind::Time),
            ("datetime", "date", Kind::Time),
            ("datetime", "time", Kind::Time),
            ("datetime", "timedelta", Kind::Time),
            ("decimal", "Decimal", Kind::Decimal),
            ("uuid", "UUID", Kind::Uuid),
        ];
        let classes = classes.into_iter().filter_map(|(module, name, kind)| {
            let class = standard_type(py, module, name)?;
            Some((class.as_ptr() as usize, kind, class.into_any().unbind()))
        });
        let utc = standard_type(py, "datetime", "timezone").and_then(|class| class.getattr("utc").ok());
        KnownTypes { classes: classes.collect(), utc: utc.map(Bound::unbind) }
    })
}

/// The type of this name; none when another one stands there, as it does while a test has stopped the clock.
fn standard_type<'py>(py: Python<'py>, module: &str, name: &str) -> Option<Bound<'py, PyType>> {
    let modules = py.import(intern!(py, "sys")).ok()?.getattr(intern!(py, "modules")).ok()?;
    let class = modules.get_item(module).ok()?.getattr(name).ok()?.cast_into::<PyType>().ok()?;
    let is_plain = class.get_type().is(py.get_type::<PyType>());
    (is_plain && class.module().ok()? == module && class.qualname().ok()? == name).then_some(class)
}
