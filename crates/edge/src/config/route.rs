//! Paths with rules of their own.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::Rate;

/// Rules for paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which paths.
    pub path: PathPattern,
    /// Whether the cache keeps off them.
    pub is_passed: bool,
    /// How long a response is fresh that says nothing of it, in seconds.
    pub lifetime_s: Option<u64>,
    /// How long after that it may be served while a fresh one is fetched, in seconds.
    pub while_revalidate_s: Option<u64>,
    /// How long after that it may be served when no fresh one can be had, in seconds.
    pub if_error_s: Option<u64>,
    /// Who may see what is stored.
    pub audience: Audience,
    /// Requests of one client.
    pub rate: Option<Rate>,
    /// How long a request may wait for its turn.
    pub deadline: Option<Duration>,
    /// Whether `?fields=a,b(c)` takes parts out of JSON.
    pub has_partial_responses: bool,
    /// Whether what is stored is kept on disk as well, and served when the app cannot be asked, however old, unless it says
    /// itself that it must not be (`no-cache`, `must-revalidate`, `proxy-revalidate`, `s-maxage`). In the profile for
    /// Django, a page that says nothing of a lifetime is stored for that alone.
    pub is_saved: bool,
}

/// Who may see what is stored for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Audience {
    /// Those who are nobody to the app.
    #[default]
    Anonymous,
    /// Everybody, also with a session: the page is the same for all.
    Everyone,
}

/// A path, or the beginning of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    segments: Vec<Segment>,
    /// Whether more may follow.
    is_open: bool,
    has_final_slash: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Exactly(String),
    Any,
}

/// A directory that is served without the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticFiles {
    /// What its URLs begin with; it ends with a slash.
    pub prefix: String,
    /// Where the files are.
    pub directory: PathBuf,
    /// How long a client may use one whose name does not change with its content, in seconds.
    pub lifetime_s: u64,
}

impl Default for Route {
    fn default() -> Self {
        Self {
            path: PathPattern::all(),
            is_passed: false,
            lifetime_s: None,
            while_revalidate_s: None,
            if_error_s: None,
            audience: Audience::Anonymous,
            rate: None,
            deadline: None,
            has_partial_responses: false,
            is_saved: false,
        }
    }
}

impl PathPattern {
    /// Every path.
    pub fn all() -> Self {
        Self { segments: Vec::new(), is_open: true, has_final_slash: false }
    }

    /// Reads a pattern: `/about/` is that path, `/books/*/` has one segment of any kind, `/shop/**` is everything below.
    ///
    /// # Errors
    /// In words, when it is none.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix('/').ok_or("a path begins with `/`")?;
        if text.contains(['?', '#']) {
            return Err("a path has no query: all queries of a path have the same rules");
        }
        if rest == "**" {
            return Ok(Self::all());
        }
        let (rest, is_open) = match rest.strip_suffix("/**") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (rest, has_final_slash) = match rest.strip_suffix('/') {
            Some(rest) if !is_open => (rest, true),
            _ => (rest, false),
        };
        if rest.is_empty() {
            return Ok(Self { segments: Vec::new(), is_open, has_final_slash: false });
        }
        let segment = |segment: &str| match segment {
            "" => Err("a path has no empty segment"),
            "*" => Ok(Segment::Any),
            _ if segment.contains('*') => Err("`*` stands for a whole segment, and `**` for all that follow"),
            _ => Ok(Segment::Exactly(segment.to_owned())),
        };
        let segments = rest.split('/').map(segment).collect::<Result<_, _>>()?;
        Ok(Self { segments, is_open, has_final_slash })
    }

    /// Whether every path that the other one means is meant by this one as well.
    pub fn covers(&self, other: &Self) -> bool {
        let is_long_enough = if self.is_open {
            self.segments.len() <= other.segments.len()
        } else {
            self.segments.len() == other.segments.len()
                && !other.is_open
                && self.has_final_slash == other.has_final_slash
        };
        let mut pairs = self.segments.iter().zip(&other.segments);
        is_long_enough && pairs.all(|(mine, theirs)| *mine == Segment::Any || mine == theirs)
    }

    /// The one path that is meant; `None` when there are several.
    pub fn exact(&self) -> Option<String> {
        let is_one = !self.is_open && !self.segments.contains(&Segment::Any);
        is_one.then(|| self.to_string())
    }

    /// Whether a path is meant. It has only one reading ([`crate::http::target::is_ambiguous`]).
    pub fn matches(&self, path: &[u8]) -> bool {
        let Some(rest) = path.strip_prefix(b"/") else { return false };
        let mut parts = rest.split(|&byte| byte == b'/').peekable();
        for segment in &self.segments {
            let Some(part) = parts.next() else { return false };
            let is_meant = match segment {
                Segment::Any => !part.is_empty(),
                Segment::Exactly(text) => part == text.as_bytes(),
            };
            if !is_meant {
                return false;
            }
        }
        if self.is_open {
            return true;
        }
        match (parts.next(), parts.next()) {
            (None, _) => !self.has_final_slash,
            // What follows the last slash.
            (Some(b""), None) => self.has_final_slash || self.segments.is_empty(),
            _ => false,
        }
    }
}

impl fmt::Display for PathPattern {
    /// As [`PathPattern::parse`] reads it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Exactly(text) => write!(formatter, "/{text}")?,
                Segment::Any => formatter.write_str("/*")?,
            }
        }
        if self.is_open {
            formatter.write_str("/**")
        } else if self.has_final_slash || self.segments.is_empty() {
            formatter.write_str("/")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
