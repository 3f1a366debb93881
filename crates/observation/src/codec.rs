//! Bytes in, bytes out: unsigned LEB128 integers, length-prefixed text, and nothing that can panic on foreign input.

/// Why bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes end inside a value.
    Truncated,
    /// An integer does not fit its type.
    Overflow,
    /// Text is not UTF-8.
    Text,
    /// A tag stands for no known variant.
    Tag(u8),
    /// An index points outside its table.
    Index,
    /// A count is larger than the bytes that follow could hold.
    Count,
    /// A value is larger than it may be.
    Limit,
    /// Bytes are left over after the last value.
    Trailing,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => formatter.write_str("the bytes end inside a value"),
            Self::Overflow => formatter.write_str("an integer does not fit its type"),
            Self::Text => formatter.write_str("text is not UTF-8"),
            Self::Tag(tag) => write!(formatter, "unknown tag {tag}"),
            Self::Index => formatter.write_str("an index points outside its table"),
            Self::Count => formatter.write_str("a count is larger than the bytes that follow"),
            Self::Limit => formatter.write_str("a value is larger than it may be"),
            Self::Trailing => formatter.write_str("bytes are left over"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Appends values to a buffer.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// A writer that appends to `bytes`, keeping their capacity.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The bytes written so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The number of bytes written so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Overwrites four bytes at `at` with a little-endian number: a length known only afterwards.
    pub fn patch_u32_le(&mut self, at: usize, value: u32) {
        self.bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }

    /// Four bytes, little-endian.
    pub fn u32_le(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// One byte.
    pub fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Unsigned LEB128.
    pub fn integer(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// A count of things in memory.
    pub fn count(&mut self, value: usize) {
        self.integer(value as u64);
    }

    /// Zero for none, otherwise the value plus one.
    pub fn optional(&mut self, value: Option<u64>) {
        self.integer(value.map_or(0, |value| value.saturating_add(1)));
    }

    /// Length, then bytes.
    pub fn blob(&mut self, value: &[u8]) {
        self.count(value.len());
        self.bytes.extend_from_slice(value);
    }

    /// Length, then UTF-8.
    pub fn text(&mut self, value: &str) {
        self.blob(value.as_bytes());
    }
}

/// Reads values from a buffer.
pub struct Reader<'bytes> {
    bytes: &'bytes [u8],
}

impl<'bytes> Reader<'bytes> {
    /// Starts at the beginning of `bytes`.
    pub fn new(bytes: &'bytes [u8]) -> Self {
        Self { bytes }
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// Succeeds only when everything was read.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.bytes.split_first().ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(*first)
    }

    /// Unsigned LEB128.
    pub fn integer(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(DecodeError::Overflow);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::Overflow)
    }

    /// An integer that fits 32 bits.
    pub fn integer_u32(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.integer()?).map_err(|_| DecodeError::Overflow)
    }

    /// An integer that fits 16 bits.
    pub fn integer_u16(&mut self) -> Result<u16, DecodeError> {
        u16::try_from(self.integer()?).map_err(|_| DecodeError::Overflow)
    }

    /// A count of things that take at least one byte each, so that it can never ask for more memory than was sent.
    pub fn count(&mut self) -> Result<usize, DecodeError> {
        let count = usize::try_from(self.integer()?).map_err(|_| DecodeError::Count)?;
        if count > self.bytes.len() { Err(DecodeError::Count) } else { Ok(count) }
    }

    /// See [`Writer::optional`].
    pub fn optional(&mut self) -> Result<Option<u64>, DecodeError> {
        Ok(self.integer()?.checked_sub(1))
    }

    /// See [`Writer::optional`]; the value fits 32 bits.
    pub fn optional_u32(&mut self) -> Result<Option<u32>, DecodeError> {
        self.optional()?.map(|value| u32::try_from(value).map_err(|_| DecodeError::Overflow)).transpose()
    }

    /// Length, then bytes.
    pub fn blob(&mut self) -> Result<&'bytes [u8], DecodeError> {
        let length = usize::try_from(self.integer()?).map_err(|_| DecodeError::Truncated)?;
        let (value, rest) = self.bytes.split_at_checked(length).ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(value)
    }

    /// Length, then UTF-8.
    pub fn text(&mut self) -> Result<&'bytes str, DecodeError> {
        std::str::from_utf8(self.blob()?).map_err(|_| DecodeError::Text)
    }

    /// A yes or no, as one byte.
    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            tag => Err(DecodeError::Tag(tag)),
        }
    }
}
