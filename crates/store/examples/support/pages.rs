//! Pages of a busy site, as the agent describes them.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use observation::{
    Ask, CapturedRequest, ChainId, Details, Load, LoadId, Process, Query, Relation, RelationId, RelationKind,
    ResultSet, ResultSetId, Site, SiteId, SiteKind, Source, SourceFile, Span, StringId, Transaction,
};

/// Routes of the site.
pub(crate) const ROUTES: usize = 50;

/// The process that serves them.
pub(crate) fn process(pid: u32) -> Process {
    Process {
        pid,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        python_version: "3.13.0".to_owned(),
        django_version: "6.1".to_owned(),
        executable: "/srv/shop/venv/bin/python".to_owned(),
        settings_module: "shop.settings".to_owned(),
        working_directory: "/srv/shop".to_owned(),
        module_search_path: vec!["/srv/shop".to_owned()],
        started_at_us: 1_700_000_000_000_000,
    }
}

/// Microseconds since the Unix epoch.
pub(crate) fn now_us() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

/// One queryset with a lazy load per row, or every query from another place.
pub(crate) fn page(route: usize, queries: u32, is_distinct: bool) -> Transaction {
    let mut details = Details::default();
    let text = |details: &mut Details, text: String| {
        details.strings.push(Arc::from(text));
        StringId(details.strings.len() as u32 - 1)
    };
    let alias = text(&mut details, "default".to_owned());
    let [file, name, member] = [format!("shop/views_{route}.py"), format!("page_{route}"), String::new()]
        .map(|value| text(&mut details, value));
    details.files.push(SourceFile { path: file, modified_at_us: 1_700_000_000_000_000, size_bytes: 4_096 });
    let [model, field, target, module] = ["shop.Book", "publisher", "shop.Publisher", "shop.models"]
        .map(|value| text(&mut details, value.to_owned()));
    details.relations.push(Relation {
        model,
        field,
        kind: RelationKind::ForeignKey,
        target,
        target_module: module,
    });
    let apart = if is_distinct || queries <= 12 { queries } else { queries.min(12) };
    for at in 0..apart {
        let sql = sql(route, at);
        text(&mut details, sql);
        let span = Some(Span { column: 12, end_line: 10 + at, end_column: 54 });
        details.sites.push(Site { kind: SiteKind::Python, file, line: 10 + at, span, name, member });
        details.chains.push(vec![SiteId(at), SiteId(0)]);
    }
    let first_sql = details.strings.len() as u32 - apart;
    details.result_sets.push(ResultSet {
        model,
        origin: ChainId(0),
        source: Source::QuerySet,
        evaluations: 1,
        instances: queries,
        single: false,
        evaluated: None,
    });
    for at in 1..apart.min(8) {
        details.loads.push(Load {
            result_set: Some(ResultSetId(0)),
            relation: RelationId(0),
            ask: Ask::Object,
            access: ChainId(at),
            sql: StringId(first_sql + at),
            queries: queries / apart,
            duration_ns: 200_000,
        });
    }
    let loads = details.loads.len() as u32;
    details.queries = (0..queries)
        .map(|at| Query {
            sql: StringId(first_sql + at % apart),
            alias,
            offset_us: at * 310,
            duration_ns: 210_000 + u64::from(at % 97) * 1_000,
            rows: Some(1),
            position: ChainId(at % apart),
            load: (loads > 0 && at > 0).then(|| LoadId(at % loads)),
            parameters: None,
        })
        .collect();
    let path = format!("/section/{route}/books/{queries}/");
    Transaction {
        method: "GET".to_owned(),
        route: format!("/section/{route}/books/<int:pk>/"),
        view: format!("shop.views_{route}.page_{route}"),
        status: 200,
        started_at_us: 1_700_000_001_000_000,
        wall_ns: u64::from(queries) * 500_000,
        cpu_ns: u64::from(queries) * 400_000,
        response_bytes: 14_000,
        queries_total: queries,
        db_ns: u64::from(queries) * 250_000,
        request: Some(CapturedRequest {
            method: "GET".to_owned(),
            path,
            query_string: "page=2".to_owned(),
            headers: vec![
                ("host".to_owned(), "localhost".to_owned()),
                ("accept".to_owned(), "*/*".to_owned()),
            ],
            user_pk: Some("7".to_owned()),
            ..CapturedRequest::default()
        }),
        details,
        ..Transaction::default()
    }
}

/// As long as what the ORM writes for a model of some ten columns.
fn sql(route: usize, at: u32) -> String {
    let columns: Vec<String> =
        (0..10).map(|column| format!("\"shop_book_{route}\".\"column_{column}_{at}\"")).collect();
    format!(
        "SELECT {} FROM \"shop_book_{route}\" WHERE \"shop_book_{route}\".\"id\" = %s LIMIT 21",
        columns.join(", ")
    )
}
