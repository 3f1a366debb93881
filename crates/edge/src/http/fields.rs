//! The fields of a head, in one piece of memory.

use std::fmt;

use super::Name;
use super::list;

/// Fields in the order in which they came, names as they were written. A field may stand in several lines.
///
/// All texts lie in one buffer, which is kept when the next message of a connection is read into it: a request costs no
/// allocation.
#[derive(Clone, Default)]
pub struct Fields {
    text: Vec<u8>,
    lines: Vec<Line>,
}

/// Bytes that a line has at least, as lines are.
const BYTES_PER_LINE: usize = 24;

#[derive(Clone, Copy)]
struct Line {
    at: u32,
    name_length: u32,
    value_length: u32,
    known: Option<Name>,
}

/// One line of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What it is, when the edge acts upon it.
    pub known: Option<Name>,
    /// As it was written.
    pub name: &'a [u8],
    /// Without the white space around it.
    pub value: &'a [u8],
}

impl Fields {
    /// Forgets all fields and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.lines.clear();
    }

    /// Makes room for so many bytes of lines, so that reading them grows nothing.
    pub fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes);
        self.lines.reserve(bytes / BYTES_PER_LINE);
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Bytes of all names and values: what they cost in memory.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Adds a line.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        self.append(Name::find(name), name, value);
    }

    /// Adds a line with a name in lower case.
    pub fn push_known(&mut self, name: Name, value: &[u8]) {
        self.append(Some(name), name.as_str().as_bytes(), value);
    }

    fn append(&mut self, known: Option<Name>, name: &[u8], value: &[u8]) {
        let at = u32::try_from(self.text.len()).expect("a head is bounded far below 4 GiB");
        self.text.extend_from_slice(name);
        self.text.extend_from_slice(value);
        self.lines.push(Line { at, name_length: name.len() as u32, value_length: value.len() as u32, known });
    }

    /// Replaces all lines of a name by one.
    pub fn set(&mut self, name: Name, value: &[u8]) {
        self.remove(name);
        self.push_known(name, value);
    }

    /// Takes all lines of a name away.
    pub fn remove(&mut self, name: Name) {
        self.lines.retain(|line| line.known != Some(name));
    }

    /// Keeps the lines that are wanted.
    pub fn retain(&mut self, mut is_wanted: impl FnMut(Field<'_>) -> bool) {
        let text = &self.text;
        self.lines.retain(|line| is_wanted(line.field(text)));
    }

    /// Every line.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Field<'_>> + Clone {
        self.lines.iter().map(|line| line.field(&self.text))
    }

    /// The value of the first line of a name.
    pub fn get(&self, name: Name) -> Option<&[u8]> {
        let line = self.lines.iter().find(|line| line.known == Some(name))?;
        Some(line.field(&self.text).value)
    }

    /// The values of all lines of a name.
    pub fn all(&self, name: Name) -> impl Iterator<Item = &[u8]> + Clone {
        self.lines
            .iter()
            .filter(move |line| line.known == Some(name))
            .map(|line| line.field(&self.text).value)
    }

    /// The values of all lines of a name that may be any, without regard to case.
    pub fn all_named<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
    }

    /// Whether there is a line of a name.
    pub fn has(&self, name: Name) -> bool {
        self.lines.iter().any(|line| line.known == Some(name))
    }

    /// The elements of a field that is a list, over all its lines (RFC 9110 §5.6.1).
    pub fn elements(&self, name: Name) -> impl Iterator<Item = &[u8]> + Clone {
        self.all(name).flat_map(list::elements)
    }

    /// Whether a list has an element, without regard to case.
    pub fn lists(&self, name: Name, element: &[u8]) -> bool {
        self.elements(name).any(|one| one.eq_ignore_ascii_case(element))
    }

    /// Takes away what concerns one connection only, and what `Connection` names (RFC 9110 §7.6.1).
    pub fn remove_hop_by_hop(&mut self) {
        if self.has(Name::Connection) {
            let named: Vec<Vec<u8>> = self.elements(Name::Connection).map(<[u8]>::to_vec).collect();
            self.retain(|field| {
                // A list that names what a message cannot do without is an attack on it.
                matches!(field.known, Some(Name::Host | Name::ContentLength | Name::CacheControl))
                    || !named.iter().any(|name| name.eq_ignore_ascii_case(field.name))
            });
        }
        self.lines.retain(|line| !line.known.is_some_and(Name::is_hop_by_hop));
    }

    /// Writes the lines as HTTP/1.1 has them.
    pub fn write(&self, out: &mut Vec<u8>) {
        for field in self.iter() {
            field.write(out);
        }
    }
}

impl Line {
    fn field<'a>(&self, text: &'a [u8]) -> Field<'a> {
        let value_at = (self.at + self.name_length) as usize;
        Field {
            known: self.known,
            name: &text[self.at as usize..value_at],
            value: &text[value_at..value_at + self.value_length as usize],
        }
    }
}

impl Field<'_> {
    /// Writes the line as HTTP/1.1 has it.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_line(self.name, self.value, out);
    }
}

/// Writes a line as HTTP/1.1 has it.
pub fn write_line(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Fields {}

impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        formatter.debug_map().entries(self.iter().map(|field| (text(field.name), text(field.value)))).finish()
    }
}

#[cfg(test)]
mod tests;
