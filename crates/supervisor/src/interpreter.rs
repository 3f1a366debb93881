//! Reading a command line as Python reads its own: does it switch off what carries the agent in?

use std::path::Path;

/// A Python option that keeps the agent out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockingFlag {
    /// `-I`: isolated, ignores `PYTHONPATH`.
    Isolated,
    /// `-E`: ignores all `PYTHON*` variables.
    IgnoreEnvironment,
    /// `-S`: does not import `site`, and with it no `sitecustomize`.
    NoSite,
}

impl BlockingFlag {
    /// As written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Isolated => "-I",
            Self::IgnoreEnvironment => "-E",
            Self::NoSite => "-S",
        }
    }

    /// What it makes Python skip.
    pub fn consequence(self) -> &'static str {
        match self {
            Self::Isolated | Self::IgnoreEnvironment => "makes Python ignore PYTHONPATH",
            Self::NoSite => "makes Python skip sitecustomize",
        }
    }
}

/// An interpreter that is told to keep the agent out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// The interpreter, as it is called.
    pub(crate) interpreter: String,
    /// The first option that does it.
    pub(crate) flag: BlockingFlag,
}

/// Finds the blocking option of a command that is a Python interpreter, possibly behind `env`.
pub(crate) fn blocked<'a>(command: impl IntoIterator<Item = &'a str>) -> Option<Blocked> {
    let mut words = command.into_iter().peekable();
    let mut program = words.next()?;
    if base_name(program) == "env" {
        program = skip_env(&mut words)?;
    }
    let flag = is_python(program).then(|| first_blocking_option(words))??;
    Some(Blocked { interpreter: program.to_owned(), flag })
}

/// The same for a script, by its `#!` line.
pub(crate) fn blocked_script(start: &[u8]) -> Option<Blocked> {
    let line = start.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
    blocked(String::from_utf8_lossy(line).split_ascii_whitespace())
}

/// Steps over the options and assignments of `env`; gives the program it starts.
fn skip_env<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<&'a str> {
    while let Some(word) = words.next() {
        match word {
            "-u" | "--unset" | "-C" | "--chdir" => {
                words.next();
            }
            // `env -S` in a `#!` line: what follows is the command, split at spaces as it is here already.
            _ if word.starts_with('-') || word.contains('=') => {}
            _ => return Some(word),
        }
    }
    None
}

/// Walks over options as `getopt` does for Python, up to the script, `-c` or `-m`.
fn first_blocking_option<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<BlockingFlag> {
    while let Some(word) = words.next() {
        if word == "--check-hash-based-pycs" {
            words.next();
            continue;
        }
        if word.starts_with("--") && word.len() > 2 {
            continue;
        }
        let cluster = word.strip_prefix('-').filter(|cluster| !cluster.is_empty() && *cluster != "-")?;
        for (position, letter) in cluster.char_indices() {
            match letter {
                'I' => return Some(BlockingFlag::Isolated),
                'E' => return Some(BlockingFlag::IgnoreEnvironment),
                'S' => return Some(BlockingFlag::NoSite),
                'c' | 'm' => return None,
                'W' | 'X' => {
                    if position + 1 == cluster.len() {
                        words.next();
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    None
}

fn is_python(program: &str) -> bool {
    let name = base_name(program);
    let Some(version) = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy")) else {
        return false;
    };
    // `python3.13t` is the free-threaded build.
    version.trim_end_matches('t').chars().all(|letter| letter.is_ascii_digit() || letter == '.')
}

fn base_name(program: &str) -> &str {
    Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or(program)
}

#[cfg(test)]
mod tests;
