//! Which path of this site an include means.
//!
//! A URI reference, resolved against the page it stands in (RFC 3986 §5.2). The answer is a path and a query, never a
//! server: whatever a template contains, the edge asks nobody but its own app. An address of another host is refused
//! rather than asked for here, where it would be something else.

/// Why an address cannot be included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Nothing, or only a fragment: that is the page itself.
    #[error("the address names the page itself, which cannot include itself")]
    SameDocument,
    /// A byte that no address contains.
    #[error("the address contains byte {byte:#04x} at {offset}: percent-encode it")]
    Byte {
        /// The byte: white space, a control, `\`, or not ASCII.
        byte: u8,
        /// Bytes before it.
        offset: usize,
    },
    /// Neither a path, nor `http://…` nor `https://…`.
    #[error(
        "the address is neither a path nor http:// or https://: a path with `:` in its first part begins with `./`"
    )]
    Scheme,
    /// The server is not the page's own.
    #[error("the address names another host or port than the page's own: includes come from the same site")]
    OtherHost,
    /// The path begins with `//`.
    #[error("the address's path begins with `//`, which elsewhere names a host")]
    DoubleSlash,
    /// The page's own path has a byte that no address contains, and the address is relative to it.
    #[error("the address is relative to a page whose own path is malformed")]
    PagePath,
}

/// Resolves an include's address: path and query, which a request can be made of.
///
/// `page_path` is the path of the page or fragment that the include stands in, with or without its query; `host` is the
/// `Host` that it was asked for by, with or without a port. The path begins with one `/` and has no dot segments, also none
/// written with `%2e`; it never leads above the root. A fragment (`#…`) is cut off.
pub fn resolve(src: &[u8], page_path: &[u8], host: &[u8]) -> Result<Vec<u8>, SourceError> {
    if let Some(offset) = src.iter().position(|byte| !is_allowed(*byte)) {
        return Err(SourceError::Byte { byte: src[offset], offset });
    }
    let (reference, _fragment) = cut(src, b"#");
    if reference.is_empty() {
        return Err(SourceError::SameDocument);
    }
    let behind_host = own_host(reference, host)?;
    let (path, query) = cut(behind_host.unwrap_or(reference), b"?");
    let path = if behind_host.is_some() { rooted(path) } else { merged(path, page_path)? };
    let mut resolved = without_dot_segments(&path);
    if resolved.starts_with(b"//") {
        return Err(SourceError::DoubleSlash);
    }
    resolved.extend_from_slice(query);
    Ok(resolved)
}

/// What stands in an address: visible ASCII. A backslash is a slash to some.
fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'\\'
}

/// What stands before the first of these bytes, and from it on.
fn cut<'text>(text: &'text [u8], at: &[u8]) -> (&'text [u8], &'text [u8]) {
    let end = text.iter().position(|byte| at.contains(byte)).unwrap_or(text.len());
    text.split_at(end)
}

/// What stands behind the host, if the reference has one, and that is the page's own.
fn own_host<'text>(reference: &'text [u8], host: &[u8]) -> Result<Option<&'text [u8]>, SourceError> {
    let (scheme, rest) = cut(reference, b":/?");
    let (hierarchy, ports) = match rest.strip_prefix(b":") {
        Some(hierarchy) if scheme.eq_ignore_ascii_case(b"http") => (hierarchy, &DEFAULT_PORTS[..1]),
        Some(hierarchy) if scheme.eq_ignore_ascii_case(b"https") => (hierarchy, &DEFAULT_PORTS[1..]),
        Some(_) => return Err(SourceError::Scheme),
        None if reference.starts_with(b"//") => (reference, &DEFAULT_PORTS[..]),
        None => return Ok(None),
    };
    let hierarchy = hierarchy.strip_prefix(b"//").ok_or(SourceError::Scheme)?;
    let (authority, rest) = cut(hierarchy, b"/?");
    let named = without_port(authority, ports);
    // Which scheme the page was asked for by is not known here.
    let own = without_port(host, &DEFAULT_PORTS);
    if named.is_empty() || !named.eq_ignore_ascii_case(own) {
        return Err(SourceError::OtherHost);
    }
    Ok(Some(rest))
}

/// Of `http` and of `https`.
const DEFAULT_PORTS: [&[u8]; 2] = [b":80", b":443"];

fn without_port<'text>(authority: &'text [u8], ports: &[&[u8]]) -> &'text [u8] {
    ports.iter().find_map(|port| authority.strip_suffix(*port)).unwrap_or(authority)
}

/// A path behind a host, where none is the root.
fn rooted(path: &[u8]) -> Vec<u8> {
    if path.is_empty() { b"/".to_vec() } else { path.to_vec() }
}

/// A path that may be relative to the page's (RFC 3986 §5.2.3).
fn merged(path: &[u8], page_path: &[u8]) -> Result<Vec<u8>, SourceError> {
    if path.starts_with(b"/") {
        return Ok(path.to_vec());
    }
    let (page_path, _query) = cut(page_path, b"?#");
    if !page_path.iter().copied().all(is_allowed) {
        return Err(SourceError::PagePath);
    }
    // A page without a path, as of `OPTIONS *`, is the root.
    let page_path = if page_path.starts_with(b"/") { page_path } else { b"/" };
    // Only a query: the page's own path with another one.
    let directory = page_path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let kept = if path.is_empty() { page_path.len() } else { directory };
    Ok([&page_path[..kept], path].concat())
}

/// A path from the root without `.` and `..` (RFC 3986 §5.2.4). `%2e` is a dot, as it is for browsers and for the app.
fn without_dot_segments(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut is_directory = false;
    for segment in path.strip_prefix(b"/").unwrap_or(path).split(|byte| *byte == b'/') {
        let dots = dots(segment);
        is_directory = matches!(dots, Some(1 | 2));
        match dots {
            Some(1) => {}
            Some(2) => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    let mut result = Vec::with_capacity(path.len() + 1);
    for segment in &kept {
        result.push(b'/');
        result.extend_from_slice(segment);
    }
    if is_directory || kept.is_empty() {
        result.push(b'/');
    }
    result
}

/// How many dots a segment is, if it is nothing else.
fn dots(mut segment: &[u8]) -> Option<usize> {
    let mut count = 0;
    while !segment.is_empty() {
        let dot = [&b"."[..], b"%2e", b"%2E"].into_iter().find_map(|dot| segment.strip_prefix(dot));
        segment = dot?;
        count += 1;
    }
    (count > 0).then_some(count)
}

#[cfg(test)]
mod tests;
