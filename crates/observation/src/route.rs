//! URL patterns as people write them: `path()` routes unchanged, `re_path()` regexes without their punctuation. And back:
//! which of them a path belongs to.

mod router;

pub use router::Router;

/// `/orders/(?P<pk>[^/.]+)/$` becomes `/orders/<pk>/`. A route without regex syntax stays as it is.
pub fn display(route: &str) -> String {
    if !route.contains(['^', '$', '(', '\\']) {
        return route.to_owned();
    }
    let mut shown = String::with_capacity(route.len());
    let mut rest = route;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' => {
                let length = group_length(rest);
                shown.push('<');
                shown.push_str(group_name(&rest[..length]));
                shown.push('>');
                length
            }
            '\\' => {
                let escaped = rest[1..].chars().next();
                // \A, \b, \Z and the like stand for no character.
                shown.extend(escaped.filter(|escaped| !escaped.is_alphanumeric()));
                1 + escaped.map_or(0, char::len_utf8)
            }
            '^' | '$' | '?' => 1,
            _ => {
                shown.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    shown
}

/// Length of a group, from its opening parenthesis to the one that closes it; to the end when none does.
fn group_length(pattern: &str) -> usize {
    let mut depth = 0;
    let mut in_class = false;
    let mut characters = pattern.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    pattern.len()
}

fn group_name(group: &str) -> &str {
    group.strip_prefix("(?P<").and_then(|rest| rest.split_once('>')).map_or("var", |(name, _)| name)
}

#[cfg(test)]
mod tests;
