//! Windows of every shape.

use observation::{
    Ask, ChainId, Details, Load, Relation, RelationId, RelationKind, ResultSet, ResultSetId, Site, SiteId,
    SiteKind, Source, StringId, Transaction, TransactionKind, Via,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::testing::{Code, Observed, foreign_key};

/// How far the indices of a table may point: into it, or also beyond its end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Indices {
    Decoded,
    Arbitrary,
}

const TEXTS: [&str; 9] = [
    "",
    "shop.Book",
    "shop.Store",
    "publisher",
    "books",
    "shop/views.py",
    "shop/tests.py",
    "/lib/x.py",
    "page.html",
];

fn any_site() -> impl Strategy<Value = Site> {
    let kind = select(vec![SiteKind::Python, SiteKind::Template, SiteKind::Class]);
    let text = || (0..TEXTS.len() as u32).prop_map(StringId);
    (kind, text(), 0_u32..3, text(), text()).prop_map(|(kind, file, line, name, member)| Site {
        kind,
        file,
        line,
        span: None,
        name,
        member,
    })
}

fn any_relation() -> impl Strategy<Value = Relation> {
    use RelationKind::{
        Deferred, ForeignKey, GenericForeignKey, GenericRelation, ManyToMany, OneToOne, ReverseForeignKey,
        ReverseOneToOne,
    };
    let kinds = vec![
        ForeignKey,
        OneToOne,
        ReverseOneToOne,
        ReverseForeignKey,
        ManyToMany,
        GenericForeignKey,
        GenericRelation,
        Deferred,
    ];
    let text = || (0..TEXTS.len() as u32).prop_map(StringId);
    (text(), text(), select(kinds), text()).prop_map(|(model, field, kind, target)| Relation {
        model,
        field,
        kind,
        target,
        target_module: StringId(0),
    })
}

/// Row counts small enough to meet the guards from both sides, and large enough to overflow 32 bits when added up.
fn any_count() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0_u32..4, 1 => Just(u32::MAX)]
}

/// Parent, origin and relation; how the relation was followed; evaluations, instances, single.
type SetRow = (Index, [Index; 2], Option<Via>, u32, u32, bool);
/// Set; relation and access; what was asked; queries and their time.
type LoadRow = (Option<Index>, [Index; 2], Ask, u32, u64);

/// Tables whose references are still free.
#[derive(Debug)]
struct Rows {
    indices: Indices,
    sites: Vec<Site>,
    chains: Vec<Vec<Index>>,
    relations: Vec<Relation>,
    sets: Vec<SetRow>,
    loads: Vec<LoadRow>,
}

impl Rows {
    fn within(&self, index: Index, length: usize) -> u32 {
        match self.indices {
            Indices::Decoded => index.index(length) as u32,
            Indices::Arbitrary => index.index(length + 2) as u32,
        }
    }

    fn chain(&self, chain: &[Index]) -> Vec<SiteId> {
        chain.iter().map(|&site| SiteId(self.within(site, self.sites.len()))).collect()
    }

    fn result_set(&self, position: usize, row: SetRow) -> ResultSet {
        let (parent, [origin, relation], via, evaluations, instances, single) = row;
        let parents = match self.indices {
            Indices::Decoded => position,
            Indices::Arbitrary => self.sets.len(),
        };
        let source = match via {
            Some(via) if parents > 0 => Source::Relation {
                parent: ResultSetId(self.within(parent, parents)),
                relation: RelationId(self.within(relation, self.relations.len())),
                via,
            },
            _ => Source::QuerySet,
        };
        let origin = ChainId(self.within(origin, self.chains.len()));
        ResultSet { model: StringId(1), origin, source, evaluations, instances, single, evaluated: None }
    }

    fn load(&self, (set, [relation, access], ask, queries, duration_ns): LoadRow) -> Load {
        Load {
            result_set: set.map(|set| ResultSetId(self.within(set, self.sets.len()))),
            relation: RelationId(self.within(relation, self.relations.len())),
            ask,
            access: ChainId(self.within(access, self.chains.len())),
            sql: StringId(0),
            queries,
            duration_ns,
        }
    }

    fn details(self) -> Details {
        let sets = self.sets.iter().enumerate();
        Details {
            strings: TEXTS.map(Into::into).into(),
            chains: self.chains.iter().map(|chain| self.chain(chain)).collect(),
            result_sets: sets.map(|(position, &row)| self.result_set(position, row)).collect(),
            loads: self.loads.iter().map(|&row| self.load(row)).collect(),
            sites: self.sites,
            relations: self.relations,
            ..Details::default()
        }
    }
}

pub(super) fn any_details(indices: Indices) -> impl Strategy<Value = Details> {
    let chains = vec(vec(any::<Index>(), 0..3), 1..5);
    let via = select(vec![None, Some(Via::Lazy), Some(Via::Prefetch), Some(Via::Join)]);
    let set = (any::<Index>(), any::<[Index; 2]>(), via, any_count(), any_count(), any::<bool>());
    let ask = select(vec![Ask::Object, Ask::All, Ask::Count, Ask::Exists, Ask::Narrowed]);
    let load = (any::<Option<Index>>(), any::<[Index; 2]>(), ask, any_count(), any::<u64>());
    (vec(any_site(), 1..4), chains, vec(any_relation(), 1..4), vec(set, 1..6), vec(load, 0..8)).prop_map(
        move |(sites, chains, relations, sets, loads)| {
            Rows { indices, sites, chains, relations, sets, loads }.details()
        },
    )
}

fn any_transaction(indices: Indices) -> impl Strategy<Value = Transaction> {
    let kind = select(vec![TransactionKind::Http, TransactionKind::Test]);
    let route = select(vec!["/", "/books/"]);
    (kind, route, select(vec!["", "shop.a", "shop.b"]), 0_u16..2, any::<u64>(), any_details(indices))
        .prop_map(|(kind, route, view, status, wall_ns, details)| Transaction {
            kind,
            route: route.to_owned(),
            view: view.to_owned(),
            status,
            wall_ns,
            details,
            ..Transaction::default()
        })
}

/// A page that surely has a finding, so that no property holds for want of one.
fn slow_page(rows: u32) -> Transaction {
    let code =
        Code::new("shop/views.py", "def page():\n    [book.publisher for book in Book.objects.all()]\n");
    let mut request = Observed::get("/books/");
    let books = request.queryset("shop.Book", rows, &[&code.at("Book.objects.all()")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, rows, &[&code.at("book.publisher")]);
    request.transaction()
}

pub(super) fn any_window(indices: Indices) -> impl Strategy<Value = Vec<Transaction>> {
    (vec(any_transaction(indices), 0..6), 2_u32..9).prop_map(|(mut transactions, rows)| {
        transactions.push(slow_page(rows));
        transactions
    })
}
