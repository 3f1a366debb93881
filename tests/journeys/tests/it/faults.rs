//! When things go wrong around the app, the app goes on.

use journeys::{Client, Site, pythons};

#[test]
fn an_internal_error_of_the_agent_disarms_it_and_the_request_is_answered() {
    for (name, python) in pythons() {
        let site = Site::bookstore(&python, &[]);
        // Something no project would do: the agent's own attribute holds what it cannot be.
        let settings = site.read("bookstore/wsgi.py");
        let sabotage = "\nfrom django.db.models.sql.query import Query\nQuery._escala_mark = 'sabotage'\n";
        site.write("bookstore/wsgi.py", &(settings + sabotage));
        let mut server = site.serve("bookstore.wsgi", true);
        let answer = Client::new(server.port()).get("/books/");
        assert_eq!(answer.status, 200, "{name}");
        assert!(server.stop().success(), "{name}");
        let log = server.log();
        let lines: Vec<&str> =
            log.lines().filter(|line| line.contains("the app goes on without it")).collect();
        assert_eq!(lines.len(), 1, "{name}: {log}");
        assert!(!log.contains("Traceback"), "{name}: {log}");
    }
}

#[test]
fn the_recorder_killed_mid_run_costs_observations_only() {
    let (_, python) = pythons().remove(0);
    let site = Site::bookstore(&python, &[]);
    let server = site.serve("bookstore.wsgi", true);
    let mut client = Client::new(server.port());
    let before = client.get("/books/");
    // The recorder commits in batches of 200 ms: what is younger goes with it.
    std::thread::sleep(std::time::Duration::from_secs(1));
    // The parent dies with nothing but SIGKILL; its children must not outlive it, the store must stay readable.
    server.signal("KILL");
    let gone = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::net::TcpStream::connect(("127.0.0.1", server.port())).is_err()
    });
    assert!(gone, "the server outlived escala run");
    assert_eq!(before.status, 200);
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    assert_eq!(report["endpoints"][0]["route"], "/books/");
}

#[test]
fn a_disk_that_is_full_is_not_the_apps_trouble() {
    let (_, python) = pythons().remove(0);
    let site = Site::bookstore(&python, &[]);
    let mut server = site.serve("bookstore.wsgi", true);
    let mut client = Client::new(server.port());
    client.get("/books/");
    // The store's file system goes away under the recorder as far as a test without a file system of its own can
    // make it: no further file can be made or grown in it.
    let run = site.path().join(".escala/run");
    std::fs::remove_dir_all(&run).unwrap();
    for _ in 0..20 {
        assert_eq!(client.get("/health/").status, 200);
    }
    assert!(server.stop().success(), "{}", server.log());
    let _ = site.escala(&["report"]).ok();
}
