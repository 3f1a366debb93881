//! What else than its URL a response was chosen by (RFC 9111 §4.1).

use super::storing::Refusal;
use crate::http::{Fields, Name, list};
use crate::limits::VARY_NAMES_MAX;

/// The fields of a request that a response depends upon, with the values that it was made for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Variant {
    selectors: Box<[Selector]>,
    /// The one language that it is in, when it was chosen by language.
    language: Option<Box<[u8]>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Selector {
    name: Box<[u8]>,
    /// Normalised; `None` when the request did not have it.
    value: Option<Box<[u8]>>,
}

/// A field in lower case, and the value that it had.
pub type Selected = (Box<[u8]>, Option<Box<[u8]>>);

impl Variant {
    /// What a response to that request depends upon, besides what is in its key.
    ///
    /// # Errors
    /// When it depends upon everything, or upon more than is told apart.
    pub fn of(
        response: &Fields,
        request: &Fields,
        is_in_key: impl Fn(&[u8]) -> bool,
    ) -> Result<Self, Refusal> {
        let mut names: Vec<Box<[u8]>> = Vec::new();
        for name in names_of(response) {
            if name == b"*" || names.len() == VARY_NAMES_MAX {
                return Err(Refusal::Vary);
            }
            if !is_in_key(name) {
                names.push(name.to_ascii_lowercase().into());
            }
        }
        names.sort_unstable();
        names.dedup();
        let by_language = names.iter().any(|name| **name == *b"accept-language");
        let selector = |name: Box<[u8]>| Selector { value: normalised(request, &name), name };
        Ok(Self {
            selectors: names.into_iter().map(selector).collect(),
            language: by_language.then(|| only_language(response)).flatten(),
        })
    }

    /// Whether the response was made for such a request.
    pub fn matches(&self, request: &Fields) -> bool {
        self.selectors.iter().all(|selector| {
            normalised(request, &selector.name) == selector.value
                || (*selector.name == *b"accept-language" && self.is_preferred(request))
        })
    }

    /// Whether the response is in the language that the client likes best: the app cannot have chosen a better one.
    fn is_preferred(&self, request: &Fields) -> bool {
        let Some(language) = &self.language else { return false };
        let mut wanted = preferences(request, Name::AcceptLanguage);
        wanted.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
        match wanted.as_slice() {
            [(first, _)] => first == &**language,
            [(first, best), (_, next), ..] => first == &**language && best > next,
            [] => false,
        }
    }

    /// Names of the fields, in lower case.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.selectors.iter().map(|selector| &*selector.name)
    }

    /// The names of the fields, sorted, each with the value that it had.
    pub fn selectors(&self) -> impl ExactSizeIterator<Item = (&[u8], Option<&[u8]>)> {
        self.selectors.iter().map(|selector| (&*selector.name, selector.value.as_deref()))
    }

    /// The one language that the response is in, when it was chosen by language.
    pub fn language(&self) -> Option<&[u8]> {
        self.language.as_deref()
    }

    /// Puts together what [`Self::selectors`] and [`Self::language`] gave; `None` for what they cannot have given.
    pub fn from_parts(selectors: Vec<Selected>, language: Option<Box<[u8]>>) -> Option<Self> {
        // An app may list what is no name of a field; it is never sent, and depended upon all the same.
        let is_name = |name: &[u8]| !name.is_empty() && !name.iter().any(u8::is_ascii_uppercase);
        let is_good = selectors.len() <= VARY_NAMES_MAX
            && selectors.iter().all(|(name, _)| is_name(name))
            && selectors.is_sorted_by(|(one, _), (next, _)| one < next);
        let selector = |(name, value)| Selector { name, value };
        is_good.then(|| Self { selectors: selectors.into_iter().map(selector).collect(), language })
    }

    /// What it costs in memory, in bytes.
    pub fn bytes(&self) -> usize {
        let of_selector = |selector: &Selector| {
            size_of::<Selector>()
                + selector.name.len()
                + selector.value.as_ref().map_or(0, |value| value.len())
        };
        self.selectors.iter().map(of_selector).sum()
    }
}

/// What a response says it depends upon; white space and empty elements mean nothing.
pub fn names_of(response: &Fields) -> impl Iterator<Item = &[u8]> {
    response.elements(Name::Vary)
}

fn only_language(response: &Fields) -> Option<Box<[u8]>> {
    let mut languages = response.elements(Name::ContentLanguage);
    let language = languages.next()?;
    languages.next().is_none().then(|| language.to_ascii_lowercase().into())
}

/// A value in which what means the same is the same: lines are joined, white space after commas goes, and where the
/// edge knows the field's grammar, order and case that mean nothing go, too.
fn normalised(request: &Fields, name: &[u8]) -> Option<Box<[u8]>> {
    let known = Name::find(name);
    let mut lines = request.all_named(name).peekable();
    lines.peek()?;
    let value = match known {
        Some(Name::AcceptEncoding) => {
            let mut codings = preferences(request, Name::AcceptEncoding);
            codings.retain(|(_, quality)| *quality > 0);
            codings.sort_unstable();
            joined(codings.iter().map(|(coding, _)| &coding[..]))
        }
        Some(Name::AcceptLanguage) => {
            let mut languages = preferences(request, Name::AcceptLanguage);
            languages.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let mut value = Vec::new();
            for (language, quality) in languages {
                value.extend_from_slice(&language);
                value.push(b';');
                list::write_number(quality.into(), &mut value);
                value.push(b',');
            }
            value
        }
        // A cookie's value may have commas of its own.
        Some(Name::Cookie) => lines.collect::<Vec<_>>().join(&b"; "[..]),
        _ => joined(lines.flat_map(list::elements)),
    };
    Some(value.into())
}

fn joined<'a>(elements: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    elements.collect::<Vec<_>>().join(&b","[..])
}

/// What a client would take, in lower case, with its quality in thousandths (RFC 9110 §12.4.2).
pub fn preferences(request: &Fields, name: Name) -> Vec<(Vec<u8>, u16)> {
    let preference = |element: &[u8]| {
        let mut parts = list::split(element, b';');
        let value = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix(b"q=").or_else(|| part.strip_prefix(b"Q=")));
        (value, quality.map_or(1_000, thousandths))
    };
    request.elements(name).map(preference).collect()
}

/// `0.5` is 500; what is no quality is 0: nothing is preferred by mistake.
pub(super) fn thousandths(quality: &[u8]) -> u16 {
    let (whole, part) = match memchr::memchr(b'.', quality) {
        Some(at) => (&quality[..at], &quality[at + 1..]),
        None => (quality, &[][..]),
    };
    let is_number = part.len() <= 3 && part.iter().all(u8::is_ascii_digit);
    match (whole, is_number) {
        (b"1", true) => 1_000,
        (b"0", true) => {
            let digits = part.iter().chain(b"000").take(3);
            digits.fold(0, |value, digit| value * 10 + u16::from(digit - b'0'))
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
