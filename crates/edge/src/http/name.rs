//! Names of fields that the edge acts upon, found without regard to case.

macro_rules! names {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// A field that the edge acts upon. Every other is carried along by its text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "each is the name that it stands for")]
        pub enum Name {
            $($variant,)*
        }

        const ALL: &[(Name, &str)] = &[$((Name::$variant, $text),)*];
    };
}

names! {
    Accept = "accept",
    AcceptEncoding = "accept-encoding",
    AcceptLanguage = "accept-language",
    AcceptRanges = "accept-ranges",
    Age = "age",
    AltSvc = "alt-svc",
    Authorization = "authorization",
    CacheControl = "cache-control",
    CacheGroupInvalidation = "cache-group-invalidation",
    CacheGroups = "cache-groups",
    CacheStatus = "cache-status",
    CacheTag = "cache-tag",
    CdnCacheControl = "cdn-cache-control",
    Connection = "connection",
    ContentEncoding = "content-encoding",
    ContentLanguage = "content-language",
    ContentLength = "content-length",
    ContentLocation = "content-location",
    ContentRange = "content-range",
    ContentType = "content-type",
    Cookie = "cookie",
    Date = "date",
    Etag = "etag",
    Expect = "expect",
    Expires = "expires",
    Forwarded = "forwarded",
    Host = "host",
    Http2Settings = "http2-settings",
    IfMatch = "if-match",
    IfModifiedSince = "if-modified-since",
    IfNoneMatch = "if-none-match",
    IfRange = "if-range",
    IfUnmodifiedSince = "if-unmodified-since",
    KeepAlive = "keep-alive",
    LastModified = "last-modified",
    Location = "location",
    Origin = "origin",
    Pragma = "pragma",
    ProxyAuthenticate = "proxy-authenticate",
    ProxyAuthenticationInfo = "proxy-authentication-info",
    ProxyAuthorization = "proxy-authorization",
    ProxyConnection = "proxy-connection",
    Range = "range",
    Referer = "referer",
    RetryAfter = "retry-after",
    Server = "server",
    SetCookie = "set-cookie",
    SurrogateCapability = "surrogate-capability",
    SurrogateControl = "surrogate-control",
    SurrogateKey = "surrogate-key",
    Te = "te",
    Trailer = "trailer",
    TransferEncoding = "transfer-encoding",
    Upgrade = "upgrade",
    UserAgent = "user-agent",
    Vary = "vary",
    Via = "via",
    Warning = "warning",
    XEscalaRequest = "x-escala-request",
    XForwardedFor = "x-forwarded-for",
    XForwardedHost = "x-forwarded-host",
    XForwardedPort = "x-forwarded-port",
    XForwardedProto = "x-forwarded-proto",
    XRequestId = "x-request-id",
}

/// Slots of the table; with more of them, fewer names share one.
const SLOTS: usize = 512;

/// Marks a slot without a name.
const NONE: u8 = u8::MAX;

/// Where each name stands in [`ALL`], by [`slot_of`]. That no two share one is checked while this is compiled.
const TABLE: [u8; SLOTS] = table();

/// From the length and three letters; setting their sixth bit folds the case. The factors were found by trying.
const fn slot_of(name: &[u8]) -> usize {
    let (first, inner, last) = (name[0] | 32, name[name.len() * 3 / 4] | 32, name[name.len() - 1] | 32);
    (name.len() * 214 + first as usize * 293 + inner as usize * 10 + last as usize * 32) % SLOTS
}

const fn table() -> [u8; SLOTS] {
    let mut table = [NONE; SLOTS];
    let mut at = 0;
    while at < ALL.len() {
        let slot = slot_of(ALL[at].1.as_bytes());
        assert!(table[slot] == NONE, "two names share a slot: change the factors");
        assert!(ALL[at].0 as usize == at, "the names stand in the order of the enum");
        table[slot] = at as u8;
        at += 1;
    }
    table
}

impl Name {
    /// The name that is meant, whatever its case; `None` for one that the edge does not act upon.
    pub fn find(text: &[u8]) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let (name, known) = ALL.get(usize::from(TABLE[slot_of(text)]))?;
        known.as_bytes().eq_ignore_ascii_case(text).then_some(*name)
    }

    /// In lower case, as HTTP/2 has it.
    pub fn as_str(self) -> &'static str {
        ALL[self as usize].1
    }

    /// Whether it concerns this connection only, and ends here (RFC 9110 §7.6.1).
    pub fn is_hop_by_hop(self) -> bool {
        matches!(
            self,
            Self::Connection
                | Self::KeepAlive
                | Self::ProxyConnection
                | Self::Te
                | Self::Trailer
                | Self::TransferEncoding
                | Self::Upgrade
                | Self::Http2Settings
        )
    }
}

#[cfg(test)]
mod tests;
