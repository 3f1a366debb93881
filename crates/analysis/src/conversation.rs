//! What one transaction asked of its database by itself: its statements without lazy loads, the repeated ones together.
//!
//! Statements are repeated when they differ only in values and come through the same calls in the user's code, which is
//! what a loop looks like. Two calls of one helper function from two lines are two questions.

mod repeated;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use observation::{ChainId, Details, LoadId, Query, SiteKind, StringId, Transaction};
use sql::{Page, Statement, Verb};

use crate::occurrence::is_test_code;
use crate::{Place, Subject, resolve};

pub(crate) use repeated::Repeated;

/// Everything that a transaction asked for by itself.
pub(crate) struct Conversation<'a> {
    pub(crate) transaction: &'a Transaction,
    /// In the order in which they were first asked.
    pub(crate) questions: Vec<Question<'a>>,
    /// What was asked again though nothing had been written to its tables; of lazy loads, those that are no N+1.
    pub(crate) repeated: Vec<Repeated<'a>>,
    /// The question that a query belongs to, by its place and text.
    by_query: HashMap<(ChainId, StringId), usize>,
    /// Loads that another rule speaks of.
    n_plus_ones: HashSet<LoadId>,
}

/// What a rule about statements finds in one transaction.
pub(crate) struct Fault {
    pub(crate) subject: Subject,
    /// Where it is asked for, innermost first; empty when no code is at fault.
    pub(crate) chain: Vec<Place>,
    /// Where the same was asked for before, when that is another place.
    pub(crate) before: Option<Place>,
    pub(crate) queries: u64,
    pub(crate) duration_ns: u64,
}

/// The same statement from the same place, once or many times.
pub(crate) struct Question<'a> {
    /// Without values: see [`sql::normalize`].
    pub(crate) text: Rc<str>,
    /// Values in the conditions of the first one: lists of any length have the same text.
    pub(crate) values: usize,
    /// The first one.
    pub(crate) statement: Statement<'a>,
    /// The calls through the user's code, innermost first; never empty.
    pub(crate) chain: Vec<Place>,
    pub(crate) queries: u64,
    pub(crate) duration_ns: u64,
    /// How many of them are in [`Conversation::repeated`] as something that was asked before.
    pub(crate) again: u64,
    /// Whether one of them may have changed something: not when the database says that no row was updated or deleted.
    pub(crate) changed_rows: bool,
    /// The furthest page of its rows that was asked for.
    pub(crate) deepest: Option<Deepest>,
}

/// A page of the rows.
#[derive(Clone, Copy)]
pub(crate) struct Deepest {
    pub(crate) page: Page,
    /// Time of the slowest query for it.
    pub(crate) slowest_ns: u64,
}

impl<'a> Conversation<'a> {
    /// `n_plus_ones` are the loads that another rule speaks of.
    pub(crate) fn of(transaction: &'a Transaction, n_plus_ones: HashSet<LoadId>) -> Self {
        let details = &transaction.details;
        let mut texts: HashMap<StringId, (Rc<str>, Option<Page>)> = HashMap::new();
        let mut known: HashMap<(ChainId, Rc<str>), Option<usize>> = HashMap::new();
        let mut questions: Vec<Question<'a>> = Vec::new();
        let mut by_query = HashMap::new();
        let mut put =
            |sql: StringId, position: ChainId, rows: Option<u32>, queries: u32, duration_ns: u64| {
                let (text, page) = texts.entry(sql).or_insert_with(|| {
                    let text = details.text(sql);
                    (sql::normalize(text).into(), sql::page(text))
                });
                let at = *known.entry((position, Rc::clone(text))).or_insert_with(|| {
                    questions.push(Question::new(details, sql, Rc::clone(text), position)?);
                    Some(questions.len() - 1)
                });
                if let Some((at, question)) = at.and_then(|at| Some((at, questions.get_mut(at)?))) {
                    by_query.insert((position, sql), at);
                    question.queries += u64::from(queries);
                    question.duration_ns = question.duration_ns.saturating_add(duration_ns);
                    question.changed_rows |= question.may_change(rows);
                    question.reaches(*page, duration_ns / u64::from(queries.max(1)));
                }
            };
        for query in details.queries.iter().filter(|query| query.load.is_none()) {
            put(query.sql, query.position, query.rows, 1, query.duration_ns);
        }
        for rest in &details.overflow {
            put(rest.sql, rest.position, None, rest.queries, rest.duration_ns);
        }
        let mut conversation = Self { transaction, questions, repeated: Vec::new(), by_query, n_plus_ones };
        let mut repeated = repeated::repeated(details);
        for one in &mut repeated {
            one.again.retain(|query| !conversation.is_n_plus_one(query));
            for query in &one.again {
                if let Some(at) = conversation.number_of(query) {
                    conversation.questions[at].again += 1;
                }
            }
        }
        conversation.repeated = repeated;
        conversation
    }

    /// The question that a query is part of; none for a lazy load, and for what no code of the project asked for.
    pub(crate) fn question_of(&self, query: &Query) -> Option<&Question<'a>> {
        self.number_of(query).and_then(|at| self.questions.get(at))
    }

    /// Whether another rule speaks of it.
    pub(crate) fn is_n_plus_one(&self, query: &Query) -> bool {
        query.load.is_some_and(|load| self.n_plus_ones.contains(&load))
    }

    fn number_of(&self, query: &Query) -> Option<usize> {
        let at = self.by_query.get(&(query.position, query.sql)).copied();
        at.filter(|_| query.load.is_none())
    }
}

impl<'a> Question<'a> {
    /// None for a statement that no code of the project asked for, that a test asked for itself, or that is none.
    fn new(details: &'a Details, sql: StringId, text: Rc<str>, position: ChainId) -> Option<Self> {
        let chain = resolve::chain(details, position);
        let asked = chain.first()?;
        if !is_ours(asked) {
            return None;
        }
        let sql = details.text(sql);
        let (_, conditions) = sql.split_once(" WHERE ").unwrap_or_default();
        let statement = Statement::read(sql);
        let values = conditions.matches("%s").count();
        let is_about_rows =
            matches!(statement.verb, Verb::Select | Verb::Insert | Verb::Update | Verb::Delete);
        (is_about_rows && !statement.tables.is_empty()).then_some(Self {
            text,
            values,
            statement,
            chain,
            queries: 0,
            duration_ns: 0,
            again: 0,
            changed_rows: false,
            deepest: None,
        })
    }

    /// Drivers count the rows of a statement that returns some only when they have all come, and those of an `INSERT`
    /// are new.
    fn may_change(&self, rows: Option<u32>) -> bool {
        match self.statement.verb {
            Verb::Insert => true,
            Verb::Update | Verb::Delete => rows != Some(0) || self.text.contains(" returning "),
            _ => false,
        }
    }

    fn reaches(&mut self, page: Option<Page>, duration_ns: u64) {
        let Some(page) = page else { return };
        let slowest_ns = match self.deepest {
            Some(known) if known.page.offset > page.offset => return,
            Some(known) if known.page.offset == page.offset => known.slowest_ns.max(duration_ns),
            _ => duration_ns,
        };
        self.deepest = Some(Deepest { page, slowest_ns });
    }

    /// All of it is the fault.
    pub(crate) fn fault(&self) -> Fault {
        Fault {
            subject: subject(&self.statement),
            chain: self.chain.clone(),
            before: None,
            queries: self.queries,
            duration_ns: self.duration_ns,
        }
    }

    /// The function that asked.
    pub(crate) fn asked_in(&self) -> (&str, &str) {
        (&self.chain[0].file, &self.chain[0].name)
    }
}

/// Whether this is the project's code, and no test's: what a test asks for itself nobody waits for.
pub(crate) fn is_ours(place: &Place) -> bool {
    place.in_project() && !is_test_code(place)
}

/// Whether a framework asks by itself, for a class of the project: a list of the admin, a generic view. How it asks is
/// not the project's to change.
pub(crate) fn is_framework_s(place: &Place) -> bool {
    place.kind == SiteKind::Class && place.member.is_empty()
}

/// The statement by itself.
pub(crate) fn subject(statement: &Statement<'_>) -> Subject {
    let tables = statement.tables.iter().map(|table| (*table).to_owned()).collect();
    Subject::Statement(crate::Statement { verb: statement.verb, tables })
}

#[cfg(test)]
mod tests;
