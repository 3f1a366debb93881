//! The worker's promises, against real Django.

use std::time::Duration;

use super::*;
use crate::experiment::{Overlay, describe};
use crate::testing::{PYTHONS, Site, get, pythons};

fn start(site: &Site) -> Worker {
    Worker::start(site.launch(), &Overlay::new()).unwrap()
}

fn body(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

#[test]
fn a_page_is_answered_with_its_queries_counted() {
    for python in pythons() {
        let site = Site::new(python);
        let reply = start(&site).replay(&get("/books/").request).unwrap();
        assert_eq!((reply.status, reply.queries), (200, 101));
        assert!(body(&reply).starts_with("Book 0 (Publisher 0)\nBook 1 (Publisher 1)\n"));
        assert!(reply.headers.contains(&("Content-Type".into(), "text/html; charset=utf-8".into())));
        assert!(reply.wall_ns > reply.db_ns && reply.db_ns > 0);
        assert_eq!(reply.most_repeated[0].1, 100);
    }
}

#[test]
fn a_query_string_a_host_and_a_missing_page_reach_django() {
    let site = Site::new(PYTHONS[0]);
    let mut worker = start(&site);
    let missing = worker.replay(&get("/nowhere/").request).unwrap();
    assert_eq!((missing.status, missing.exception), (404, None));
    let mut slashless = get("/books").request;
    slashless.query_string = "page=2".into();
    slashless.secure = true;
    let moved = worker.replay(&slashless).unwrap();
    assert_eq!(moved.status, 301);
    assert!(moved.headers.contains(&("Location".into(), "/books/?page=2".into())));
}

#[test]
fn a_set_of_models_has_one_order_in_every_process() {
    for python in pythons() {
        let site = Site::new(python);
        let order = || body(&start(&site).replay(&get("/models/").request).unwrap()).to_owned();
        let first = order();
        assert!(first.contains("Book") && first.contains("Session"), "{first}");
        for _ in 0..3 {
            assert_eq!(order(), first);
        }
    }
}

#[test]
fn the_recorded_user_is_logged_in_without_a_trace() {
    for python in pythons() {
        let site = Site::new(python);
        let mut worker = start(&site);
        let mut request = get("/mine/").request;
        assert_eq!(worker.replay(&request).unwrap().status, 302);
        request.user_pk = Some("7".into());
        let reply = worker.replay(&request).unwrap();
        assert!(body(&reply).starts_with("ada: Book 0"), "{reply:?}");
        assert_eq!(reply.queries, 2 + 6, "the session, the user, and the page's own");
        request.user_pk = Some("8".into());
        let error = worker.replay(&request).unwrap_err().to_string();
        assert!(error.starts_with("the user who made the request cannot be logged in: user 8:"), "{error}");
        assert_eq!(site.rows("sessions.Session"), 0);
    }
}

#[test]
fn a_user_who_came_with_a_token_is_let_in() {
    for python in pythons() {
        let site = Site::new(python);
        let mut worker = start(&site);
        let mut request = get("/api/").request;
        assert_eq!(worker.replay(&request).unwrap().status, 401);
        request.user_pk = Some("7".into());
        for _ in 0..2 {
            assert_eq!(body(&worker.replay(&request).unwrap()), r#"{"user":"ada"}"#);
        }
    }
}

#[test]
fn nothing_that_a_view_does_is_left_behind() {
    for python in pythons() {
        let site = Site::new(python);
        let before = site.files();
        let mut worker = start(&site);
        for _ in 0..2 {
            let reply = worker.replay(&get("/writes/").request).unwrap();
            assert!(body(&reply).starts_with("1: 21 Book 0"), "neither row nor cache survive: {reply:?}");
            assert_eq!(reply.queries, 1 + 1 + 4, "savepoints are not counted");
        }
        let committing = worker.replay(&get("/commits/").request).unwrap();
        assert!(committing.exception.unwrap().contains("may not begin or end a transaction"));
        worker.replay(&get("/threaded/").request).unwrap();
        drop(worker);
        assert_eq!(site.rows("shop.Publisher"), 20);
        assert_eq!(site.files(), before);
    }
}

#[test]
fn a_view_that_raises_is_an_answer() {
    let site = Site::new(PYTHONS[0]);
    let mut worker = start(&site);
    let reply = worker.replay(&get("/raises/").request).unwrap();
    assert_eq!((reply.status, reply.exception.as_deref()), (500, Some("ValueError: out of paper")));
    let reply = worker.replay(&get("/leaves/").request).unwrap();
    assert_eq!((reply.status, reply.exception.as_deref()), (500, Some("SystemExit: 3")));
    assert_eq!(worker.replay(&get("/count/").request).unwrap().queries, 1);
}

#[test]
fn a_view_that_ends_the_process_is_told_from_one_that_hangs() {
    let site = Site::new(PYTHONS[0]);
    let died = start(&site).replay(&get("/dies/").request).unwrap_err();
    assert_eq!(died.to_string(), "the process that replays ended (exit status: 7)");
    let hasty = Launch { request_time_max: Duration::from_millis(700), ..site.launch() };
    let mut worker = Worker::start(hasty, &Overlay::new()).unwrap();
    let hung = worker.replay(&get("/hangs/").request).unwrap_err();
    assert_eq!(hung.to_string(), "no answer within 0.7 s");
}

#[test]
fn a_worker_ends_with_its_owner_even_while_a_view_hangs() {
    let site = Site::new(PYTHONS[0]);
    let hasty = Launch { request_time_max: Duration::from_millis(300), ..site.launch() };
    let mut worker = Worker::start(hasty, &Overlay::new()).unwrap();
    worker.replay(&get("/hangs/").request).unwrap_err();
    // As when this process is killed: the socket closes, and nobody is left to kill the child.
    worker.stream.shutdown(std::net::Shutdown::Both).unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while worker.child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "the worker lives on");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_keeps_a_project_from_loading_is_said_in_one_line() {
    let site = Site::new(PYTHONS[0]);
    let failing = |process: &Process| {
        let launch = Launch { process, ..site.launch() };
        describe(&Worker::start(launch, &Overlay::new()).unwrap_err())
    };
    let settings = |module: &str| Process { settings_module: module.into(), ..site.process.clone() };
    assert_eq!(
        failing(&settings("shop.missing")),
        "the project's settings cannot be loaded (was an environment variable set when it was traced?): \
         ModuleNotFoundError: No module named 'shop.missing'"
    );
    assert!(failing(&settings("")).contains("without DJANGO_SETTINGS_MODULE"));
    std::fs::write(site.root().join("shop/needy.py"), "import os\nSECRET_KEY = os.environ['SHOP_SECRET']\n")
        .unwrap();
    assert!(failing(&settings("shop.needy")).ends_with("KeyError: 'SHOP_SECRET'"));
    let text = std::fs::read_to_string(site.root().join("shop/settings.py")).unwrap();
    std::fs::write(site.root().join("shop/nodb.py"), text.replace("db.sqlite3", "gone/db.sqlite3")).unwrap();
    let error = failing(&settings("shop.nodb"));
    assert!(
        error.starts_with("the project's database cannot be used: database \"default\": OperationalError"),
        "{error}"
    );
    let gone = Process { working_directory: "/nonexistent".into(), ..site.process.clone() };
    assert!(failing(&gone).ends_with("which is gone"));
    let server = Process { executable: "/usr/sbin/uwsgi".into(), ..site.process.clone() };
    assert!(failing(&server).contains("not a Python interpreter"));
    let uninstalled = Process { executable: "/nonexistent/python3".into(), ..site.process.clone() };
    assert!(
        failing(&uninstalled).starts_with("cannot start the project's interpreter /nonexistent/python3: ")
    );
}
