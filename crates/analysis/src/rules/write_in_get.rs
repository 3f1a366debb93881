//! # write-in-get
//!
//! ## What it does
//! Finds rows that are written by requests that only ask to see something: `GET`, `HEAD`, `OPTIONS`.
//!
//! ## Why is this bad?
//! Browsers, caches and crawlers repeat such requests as they like and expect that nothing comes of it (RFC 9110, section
//! 9.2.1). Each visitor waits for a commit, the pages that everybody looks at lock each other's rows, no cache in front
//! of the site can answer for it, and no replica of the database can serve it.
//!
//! ## Example
//! ```python
//! def article(request, pk):
//!     Article.objects.filter(pk=pk).update(views=F("views") + 1)      # each visitor waits for the row's lock
//!     return render(request, "article.html", {"article": Article.objects.get(pk=pk)})
//! ```
//!
//! ## Use instead
//! ```python
//! def article(request, pk):
//!     cache.incr(f"article-views:{pk}")                               # a task writes the sums, once a minute
//!     return render(request, "article.html", {"article": Article.objects.get(pk=pk)})
//! ```
//! What a visitor does on purpose is a form that posts. What the site wants to know for itself is a task.
//!
//! ## Guards
//! Sessions, `last_login`, the admin's log and the tables of Django's database cache are written on the way by design. An
//! update that changed no row is none. A page of which one visit in two or fewer writes, or whose later visits write
//! nothing, fills a cache or makes what was missing (`get_or_create()`); one visit cannot tell. Requests inside tests find
//! an empty database each time, and are left out. Savepoints are no writes. Four writes or more by one line are the
//! business of `write-in-loop`.

use sql::Verb;

use super::{StatementCheck, write_in_loop};
use crate::conversation::{Conversation, Fault, Question};
use crate::{Remedy, Rule, Subject};

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::WriteInGet, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    let transaction = conversation.transaction;
    let is_inside_test = transaction.parent_serial.is_some();
    if !is_safe(&transaction.method) || is_inside_test {
        return Vec::new();
    }
    let writes = |question: &&Question<'_>| {
        matches!(question.statement.verb, Verb::Insert | Verb::Update | Verb::Delete)
            && question.changed_rows
            && !write_in_loop::is_loop(question)
            && !is_by_design(question)
    };
    conversation.questions.iter().filter(writes).map(Question::fault).collect()
}

/// Whether a request of this method asks to see something (RFC 9110, section 9.2.1).
pub(crate) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

fn is_by_design(question: &Question<'_>) -> bool {
    let table = question.statement.tables[0].to_lowercase();
    let text = &question.text;
    // Sessions that packages keep in tables of their own derive from Django's.
    let is_session = table.contains("session") && text.contains("session_key");
    table == "django_admin_log" || is_session || is_of_database_cache(text) || is_last_login(text)
}

/// `createcachetable` gives the table any name, and these columns.
fn is_of_database_cache(text: &str) -> bool {
    text.contains("cache_key") && (text.starts_with("delete ") || text.contains("expires"))
}

/// What logging in writes by itself, alone.
fn is_last_login(text: &str) -> bool {
    let columns = text.split_once(" set ").and_then(|(_, rest)| rest.split_once(" where "));
    columns.is_some_and(|(columns, _)| columns.contains("last_login") && !columns.contains(','))
}

fn remedy(_: &Subject) -> Remedy {
    Remedy::ByHand(
        "a form that posts where the visitor means it, a task or a counter in the cache where the site does",
    )
}

#[cfg(test)]
mod tests;
