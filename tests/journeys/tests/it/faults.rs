//! When things go wrong around the app, the app goes on.

use journeys::{Client, Server, Site, pythons, required};

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

const GUNICORN: [&str; 6] =
    ["-m", "gunicorn", "--no-control-socket", "--bind", "127.0.0.1:PORT", "contexts.wsgi"];

/// What the report says of the last run: units of work recorded, and lost.
fn counted(site: &Site) -> (u64, u64) {
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    (report["transactions"].as_u64().expect("a number"), report["dropped"].as_u64().expect("a number"))
}

fn assert_undisturbed(log: &str) {
    assert!(!log.contains("the app goes on without it") && !log.contains("Traceback"), "{log}");
}

#[test]
fn a_recorder_that_was_never_there_is_counted_in() {
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let elsewhere = format!("ESCALA_SOCKET={}/nowhere", site.path().display());
    let observed = site.escala(&["run", "--", "env", &elsewhere, &python, "manage.py", "enqueue"]).ok();
    assert!(observed.stderr.contains("0 transactions recorded (6 dropped)"), "{observed:#?}");
}

#[test]
fn a_recorder_that_stands_still_costs_observations_and_no_time() {
    const REQUESTS: u64 = 60;
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let mut server = site.serve_with(&GUNICORN, true);
    let mut client = Client::new(server.port());
    assert_eq!(client.get("/large/").text(), "large");
    server.signal("STOP");
    for _ in 1..REQUESTS {
        assert_eq!(client.get("/large/").text(), "large");
    }
    server.signal("CONT");
    assert!(server.stop().success(), "{}", server.log());
    assert_undisturbed(&server.log());
    let (recorded, lost) = counted(&site);
    assert!(lost > 0, "{recorded} requests fitted into the socket and the process");
    assert_eq!(recorded + lost, REQUESTS);
}

#[test]
fn a_store_that_cannot_grow_costs_observations_only() {
    const REQUESTS: u64 = 40;
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let escala = required("ESCALA_BIN");
    // A limit on the size of files is what a full disk is to SQLite: a write that fails.
    let limited = "trap '' XFSZ; ulimit -f 2000; exec \"$@\"";
    let port = Server::free_port();
    let bind = format!("127.0.0.1:{port}");
    let mut command = site.command(std::path::Path::new("sh"));
    command.args(["-c", limited, "sh", &escala, "run", "--", &python]);
    command.args(GUNICORN.map(|argument| if argument.contains("PORT") { &bind } else { argument }));
    let mut server = Server::start(command, port, &site.path().with_extension("log"));
    let mut client = Client::new(port);
    for _ in 0..REQUESTS {
        assert_eq!(client.get("/large/").text(), "large");
    }
    assert!(server.stop().success(), "{}", server.log());
    assert_undisturbed(&server.log());
    let log = server.log();
    let line = log.lines().find(|line| line.contains("recorded (")).unwrap_or_else(|| panic!("{log}"));
    let numbers: Vec<u64> = line
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    assert!(numbers[1] > 0, "the store took everything: {log}");
    assert_eq!(numbers[0] + numbers[1], REQUESTS, "{log}");
    assert!(log.contains("escala: warning:"), "{log}");
}

#[test]
fn a_worker_that_is_killed_in_a_request_costs_that_request() {
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let mut server = site.serve_with(&GUNICORN, true);
    let port = server.port();
    let mut client = Client::new(port);
    let worker = client.get("/pid/").text();
    let slow = std::thread::spawn(move || Client::new(port).try_get("/slow/"));
    std::thread::sleep(std::time::Duration::from_millis(500));
    let killed =
        std::process::Command::new("kill").args(["-s", "KILL", &worker]).status().expect("kill starts");
    assert!(killed.success());
    assert_eq!(slow.join().expect("the visitor waits"), None);
    // The next worker takes over; it leaves without a word in the middle of its request.
    assert_eq!(client.try_get("/leave/"), None);
    let after = client.get("/pid/").text();
    assert_ne!(after, worker);
    assert!(server.stop().success(), "{}", server.log());
    assert!(!server.log().contains("the app goes on without it"), "{}", server.log());
    assert_eq!(counted(&site), (2, 2), "{}", server.log());
}

#[test]
fn a_fork_in_a_request_leaves_the_request_to_the_parent() {
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    // A child that leaves by an exception answers too, in gunicorn's own words: first come, first served.
    let answers = |server: &mut Server| {
        let mut client = Client::new(server.port());
        let answers = ["/fork/os-exit/", "/fork/exit/", "/sync/"].map(|page| client.get(page).text());
        assert!(server.stop().success(), "{}", server.log());
        answers
    };
    let bare = answers(&mut site.serve_with(&GUNICORN, false));
    assert_eq!(bare[0], "child 3");
    let mut server = site.serve_with(&GUNICORN, true);
    assert_eq!(answers(&mut server), bare);
    assert!(!server.log().contains("the app goes on without it"), "{}", server.log());
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    let endpoints = report["endpoints"].as_array().expect("endpoints");
    let fork = endpoints.iter().find(|row| row["route"] == "/fork/<slug:way>/").expect("the route");
    assert_eq!((&fork["requests"], &fork["queries"]["max"]), (&2.into(), &3.into()), "{fork:#}");
    assert_eq!((&report["transactions"], &report["dropped"]), (&3.into(), &0.into()), "{report:#}");
}

#[test]
fn a_storm_of_signals_disturbs_nothing() {
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let mut server = site.serve_with(&GUNICORN, true);
    let mut client = Client::new(server.port());
    let answers: Vec<String> = (0..3).map(|_| client.get("/storm/").text()).collect();
    assert!(server.stop().success(), "{}", server.log());
    assert_undisturbed(&server.log());
    assert_eq!(counted(&site), (3, 0), "{answers:?}");
    let made = answers.iter().filter_map(|answer| answer.split(' ').next()?.parse::<u64>().ok()).max();
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    assert_eq!(report["endpoints"][0]["queries"]["max"], made.expect("a number"), "{answers:?}");
}

#[test]
fn processes_by_the_hundred_are_counted_one_by_one() {
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let observed = site.escala_run(&["swarm.py", "150", "3"]).ok();
    assert_eq!(observed.stdout, "153 processes, 0 failed\n", "{observed:#?}");
    let (recorded, lost) = counted(&site);
    assert_eq!(recorded + lost, 154, "{observed:#?}");
}
