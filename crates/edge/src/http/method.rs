//! What a request asks for.

/// A method (RFC 9110 §9, RFC 5789).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "each is the method that it is called after")]
pub enum Method {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Delete,
    Options,
    Patch,
    Trace,
    Connect,
    /// Another token, as it was written.
    Other(Box<[u8]>),
}

impl Method {
    /// The method that a token names; methods are case-sensitive.
    pub fn from_token(token: &[u8]) -> Self {
        match token {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"DELETE" => Self::Delete,
            b"OPTIONS" => Self::Options,
            b"PATCH" => Self::Patch,
            b"TRACE" => Self::Trace,
            b"CONNECT" => Self::Connect,
            other => Self::Other(other.into()),
        }
    }

    /// As it is written in a request line.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Get => b"GET",
            Self::Head => b"HEAD",
            Self::Post => b"POST",
            Self::Put => b"PUT",
            Self::Delete => b"DELETE",
            Self::Options => b"OPTIONS",
            Self::Patch => b"PATCH",
            Self::Trace => b"TRACE",
            Self::Connect => b"CONNECT",
            Self::Other(token) => token,
        }
    }

    /// For a log or an error; a token is ASCII.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or("?")
    }

    /// Whether nothing is meant to change (RFC 9110 §9.2.1).
    pub fn is_safe(&self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }

    /// Whether asking twice does what asking once does (RFC 9110 §9.2.2).
    pub fn is_idempotent(&self) -> bool {
        self.is_safe() || matches!(self, Self::Put | Self::Delete)
    }

    /// Whether an answer may come out of the cache.
    pub fn is_cacheable(&self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}
