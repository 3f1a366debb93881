//! The page a person reads: its width, and whether it has colour.

use anstyle::{AnsiColor, Style};

/// What is known of the place where text ends up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Columns.
    pub(crate) width: usize,
    /// Whether escape sequences may be used.
    pub(crate) colour: bool,
}

impl Screen {
    pub(crate) fn heading(self, text: &str) -> String {
        self.styled(text, Style::new().bold())
    }

    pub(crate) fn quiet(self, text: &str) -> String {
        self.styled(text, Style::new().dimmed())
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.styled(text, AnsiColor::Green.on_default())
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.styled(text, AnsiColor::Red.on_default())
    }

    pub(crate) fn place(self, text: &str) -> String {
        self.styled(text, AnsiColor::Cyan.on_default())
    }

    fn styled(self, text: &str, style: Style) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// A line of a unified diff, additions and removals in colour. Tabs and carriage returns stay: the diff can be
    /// copied into `git apply`.
    pub(crate) fn diff_line(self, line: &str) -> String {
        let harmless = |character: char| match character {
            '\t' | '\r' => character,
            control if control.is_control() => char::REPLACEMENT_CHARACTER,
            other => other,
        };
        let text: String = line.chars().map(harmless).collect();
        match text.as_bytes().first() {
            _ if text.starts_with("+++") || text.starts_with("---") => self.heading(&text),
            Some(b'+') => self.good(&text),
            Some(b'-') => self.bad(&text),
            Some(b'@') => self.place(&text),
            _ => text,
        }
    }
}

/// Text from the project or the traffic, made safe to show: a control character could drive the terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => safe.push_str("    "),
            control if control.is_control() => safe.push(char::REPLACEMENT_CHARACTER),
            other => safe.push(other),
        }
    }
    safe
}

/// Cut to `width` columns, with an ellipsis where something is missing.
pub(crate) fn fitted(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Cut to `width` columns at the start: the end of a path says more than its beginning.
pub(crate) fn fitted_at_end(text: &str, width: usize) -> String {
    match text.chars().count().saturating_sub(width) {
        0 => text.to_owned(),
        excess => std::iter::once('…').chain(text.chars().skip(excess + 1)).collect(),
    }
}

/// Words put into lines of at most `width` columns.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    // A command at the end is to be copied, and stays whole.
    let (words, command) = match text.rfind(": escala ") {
        Some(colon) => (&text[..=colon], Some(&text[colon + 2..])),
        None => (text, None),
    };
    for word in words.split(' ').chain(command) {
        let line = lines.last_mut().expect("a page starts with a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests;
