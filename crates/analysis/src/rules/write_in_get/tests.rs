use crate::testing::{Code, Observed, findings};

const COUNT_UP: &str =
    r#"UPDATE "blog_article" SET "views" = ("blog_article"."views" + %s) WHERE "blog_article"."id" = %s"#;
const INSERT: &str =
    r#"INSERT INTO "blog_visit" ("article_id", "seen_at") VALUES (%s, %s) RETURNING "blog_visit"."id""#;
const FETCH: &str = r#"SELECT "blog_article"."id" FROM "blog_article" WHERE "blog_article"."id" = %s"#;

const WRITE: &str = r#"Article.objects.filter(pk=pk).update(views=F("views") + 1)"#;

fn views() -> Code {
    Code::new(
        "blog/views.py",
        r#"
def article(request, pk):
    Article.objects.filter(pk=pk).update(views=F("views") + 1)
    return render(request, "article.html", {"article": Article.objects.get(pk=pk)})
"#,
    )
}

/// A visit to the page, which asks for this as often as is said.
fn visit(request: Observed, sql: &str, queries: u32) -> Observed {
    let mut request = request;
    request.asks(sql, queries, &[&views().at(WRITE)]);
    request.asks(FETCH, 1, &[&views().at("Article.objects.get(pk=pk)")]);
    request
}

fn visits(method: fn(&str) -> Observed, sql: &str) -> String {
    findings((1..=4).map(|second| visit(method("/article/").at(second), sql, 1)))
}

#[test]
fn a_page_that_counts_its_visitors() {
    assert_eq!(
        visits(Observed::get, COUNT_UP),
        "write-in-get UPDATE blog_article (Certain)\n  \
           asked   blog/views.py:2\n  \
           costs   1 queries, 0.5 ms on GET /article/\n  \
           try     a form that posts where the visitor means it, a task or a counter in the cache where the site \
         does\n"
    );
}

#[test]
fn a_page_that_keeps_a_row_for_each_visit() {
    assert!(visits(Observed::get, INSERT).starts_with("write-in-get INSERT INTO blog_visit"));
}

#[test]
fn guard_a_form_that_posts_may_write() {
    assert_eq!(visits(Observed::post, COUNT_UP), "");
}

#[test]
fn guard_what_django_writes_on_the_way() {
    for sql in [
        r#"UPDATE "django_session" SET "session_data" = %s, "expire_date" = %s WHERE "django_session"."session_key" = %s"#,
        r#"DELETE FROM "user_sessions_session" WHERE "user_sessions_session"."session_key" IN (%s)"#,
        r#"UPDATE "auth_user" SET "last_login" = %s WHERE "auth_user"."id" = %s"#,
        r#"INSERT INTO "django_admin_log" ("action_time", "user_id") VALUES (%s, %s)"#,
        r#"INSERT INTO "cached_things" ("cache_key", "value", "expires") VALUES (%s, %s, %s)"#,
        r#"DELETE FROM "cached_things" WHERE "cache_key" = %s"#,
        r#"SAVEPOINT "s1_x1""#,
    ] {
        assert_eq!(visits(Observed::get, sql), "", "{sql}");
    }
    let more = r#"UPDATE "auth_user" SET "last_login" = %s, "visits" = %s WHERE "auth_user"."id" = %s"#;
    assert!(visits(Observed::get, more).starts_with("write-in-get"), "more than logging in writes");
}

#[test]
fn guard_an_update_that_changed_nothing() {
    let seen = |rows| {
        findings((1..=4).map(|second| {
            let mut request = Observed::get("/inbox/").at(second);
            request.changes(COUNT_UP, rows, &[&views().at(WRITE)]);
            request
        }))
    };
    assert_eq!(seen(0), "");
    assert!(seen(2).starts_with("write-in-get"));
    // SQLite has counted nothing yet when the first row comes back.
    let returning = format!(r#"{COUNT_UP} RETURNING "blog_article"."views""#);
    let mut requests: Vec<Observed> = (1..=2).map(|second| Observed::get("/inbox/").at(second)).collect();
    for request in &mut requests {
        request.changes(&returning, 0, &[&views().at(WRITE)]);
    }
    assert!(findings(requests).starts_with("write-in-get"));
}

#[test]
fn guard_a_page_that_makes_what_is_missing() {
    let seen = |writing: &[u64]| {
        findings((1..=6).map(|second| {
            let queries = u32::from(writing.contains(&second));
            visit(Observed::get("/article/").at(second), INSERT, queries)
        }))
    };
    // The first visit, the first visit of each of two readers, and what only now and then has to be made anew.
    for writing in [&[1][..], &[1, 3], &[6], &[2, 6]] {
        assert_eq!(seen(writing), "", "{writing:?}");
    }
    assert!(seen(&[1, 3, 6]).starts_with("write-in-get"));
}

#[test]
fn guard_one_visit_cannot_tell() {
    assert_eq!(findings([visit(Observed::get("/article/"), COUNT_UP, 1)]), "");
}

#[test]
fn guard_a_request_inside_a_test_finds_an_empty_database() {
    let requests =
        (1..=4).map(|second| visit(Observed::get("/article/").at(second).inside_test(), COUNT_UP, 1));
    assert_eq!(findings(requests), "");
}

#[test]
fn guard_many_rows_are_the_business_of_write_in_loop() {
    let told = findings((1..=4).map(|second| visit(Observed::get("/article/").at(second), INSERT, 4)));
    assert!(told.starts_with("write-in-loop"), "{told}");
    assert!(!told.contains("write-in-get"), "{told}");
}
