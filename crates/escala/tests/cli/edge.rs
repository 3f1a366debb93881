//! `escala edge`: what it makes of its options and of `[edge]` in `escala.toml`, before it listens.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::support::Project;

const WHOLE: &str = r#"[edge]
listen = ["127.0.0.1:8081", "[::1]:8081"]
upstream = ["127.0.0.1:8000", "unix:run/shop.sock"]
threads = 2
workers = 4

[edge.tls]
listen = "0.0.0.0:8443"
certificate = "cert.pem"
key = "key.pem"

[edge.cache]
memory = "512 MiB"
disk = "10 GiB"
shadow = true

[edge.app]
health = "/health/"

[edge.client]
rate = "100/1m burst 20"

[edge.forwarded]
trust = ["10.0.0.0/8"]
by = "forwarded"
unix_sockets = true
proxy_protocol = true

[edge.log]
access = "-"

[edge.admin]
socket = ".escala/edge/admin.sock"
token_file = "edge-token"
metrics = "127.0.0.1:9464"

[[edge.route]]
path = "/books/*/"
lifetime = "60s"
while_revalidate = "30s"
if_error = "1h"
audience = "everyone"
rate = "10/1s"
deadline = "1500ms"
fields = true
saved = true

[[edge.route]]
path = "/admin/**"
pass = true

[[edge.static]]
url = "/static/"
directory = "staticfiles"
lifetime = "1d"
"#;

/// A project with all that [`WHOLE`] names.
fn shop() -> Project {
    let project = Project::new();
    project.write("site/escala.toml", WHOLE);
    project.write("site/cert.pem", "");
    project.write("site/key.pem", "");
    project.write("site/staticfiles/site.css", "");
    let token = project.write("site/edge-token", "s3cret\n");
    fs::set_permissions(token, fs::Permissions::from_mode(0o600)).unwrap();
    project
}

#[test]
fn a_check_says_what_would_be_done() {
    let project = shop();
    insta::assert_snapshot!("whole_check", project.run(&["edge", "--check"]).expect(0, "").stdout);
    // It does nothing of it.
    assert!(!project.store().exists());
    let options = ["edge", "--check", "--upstream", "127.0.0.1:8000", "--threads", "1", "--workers", "3"];
    let bare = Project::new();
    insta::assert_snapshot!("bare_check", bare.run(&options).expect(0, "").stdout);
}

#[test]
fn options_take_the_place_of_the_file() {
    let options = [
        "edge",
        "--check",
        "--listen",
        "localhost:9001",
        "--listen",
        "127.0.0.1:9002",
        "--upstream",
        "127.0.0.1:9003",
        "--upstream",
        "unix:/run/other.sock",
        "--profile",
        "rfc",
        "--threads",
        "3",
        "--workers",
        "5",
    ];
    let page = shop().run(&options).expect(0, "").stdout;
    for line in [
        "listen   http://127.0.0.1:9001/, behind a header of the PROXY protocol",
        "listen   http://127.0.0.1:9002/, behind a header of the PROXY protocol",
        "listen   https://0.0.0.0:8443/ with cert.pem",
        "ask      127.0.0.1:9003 and unix:/run/other.sock, 5 requests at once",
        "serve    with 3 threads",
    ] {
        assert!(page.lines().any(|one| one == line), "no {line:?} in {page}");
    }
    assert!(page.contains("profile rfc; in the shadow"), "{page}");
    assert!(!page.contains(":8081") && !page.contains("shop.sock"), "{page}");

    let project = Project::new();
    let page =
        project.run(&["edge", "--check", "--shadow", "--upstream", "127.0.0.1:1"]).expect(0, "").stdout;
    assert!(page.contains("profile django; in the shadow"), "{page}");
}

#[test]
fn without_an_app_there_is_nothing_to_stand_before() {
    let error = "escala: error: where the app listens is not said: name it with `--upstream ADDR`, or as `upstream` in \
                 [edge] of escala.toml\n";
    let project = Project::new();
    project.run(&["edge"]).expect(2, error);
    project.write("site/escala.toml", "[edge]\nlisten = \"127.0.0.1:0\"\n");
    project.run(&["edge"]).expect(2, error);
    project.run(&["edge", "--check"]).expect(2, error);
}

#[test]
fn a_bad_file_is_one_line_and_nothing_listens() {
    let project = Project::new();
    // Somebody is there already: to listen would be another error.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    project.write(
        "site/escala.toml",
        &format!("[edge]\nlisten = \"{address}\"\nupstream = \"127.0.0.1:1\"\n\n[[edge.route]]\npath = \"/a/\"\nlifetime = \"abc\"\n"),
    );
    let error = "escala: error: escala.toml:7: edge.route.lifetime has `abc`, which is no duration: a number and s, m, h, \
                 d or ms\n";
    for options in [&["edge"][..], &["edge", "--check"]] {
        assert_eq!(project.run(options).expect(2, error).stdout, "");
    }

    let project = shop();
    fs::remove_file(project.root().join("key.pem")).unwrap();
    let error = "escala: error: escala.toml:10: edge.tls.key has `key.pem`, which does not exist\n";
    project.run(&["edge", "--check"]).expect(2, error);
    project.write("site/escala.toml", &WHOLE.replace("key.pem", "cert.pem/key.pem"));
    let error = "escala: error: escala.toml:10: edge.tls.key has `cert.pem/key.pem`, which cannot be read: Not a directory \
                 (os error 20)\n";
    project.run(&["edge", "--check"]).expect(2, error);
}

#[test]
fn options_that_cannot_be_used_are_one_line() {
    let project = Project::new();
    for (options, error) in [
        (
            ["--workers", "0"],
            "invalid value '0' for '--workers <N>': it takes a number from 1 to 4096\nescala: hint: see `escala --help`",
        ),
        (
            ["--threads", "257"],
            "invalid value '257' for '--threads <N>': it takes a number from 1 to 256\nescala: hint: see `escala --help`",
        ),
        (
            ["--profile", "varnish"],
            "invalid value 'varnish' for '--profile <PROFILE>': a profile is `django` or `rfc`\nescala: hint: see `escala \
             --help`",
        ),
        (["--upstream", "127.0.0.1:0"], "--upstream has `127.0.0.1:0`, and nobody listens at port 0"),
        (["--upstream", "127.0.0.1:8080"], "--upstream has `127.0.0.1:8080`, where the edge itself listens"),
    ] {
        project.run(&["edge", options[0], options[1]]).expect(2, &format!("escala: error: {error}\n"));
    }
}

#[test]
fn the_file_alone_is_enough_to_begin() {
    let project = Project::new();
    project.write(
        "site/escala.toml",
        "[edge]\nlisten = \"127.0.0.1:0\"\nupstream = \"127.0.0.1:1\"\nthreads = 1\n",
    );
    let mut child = project.escala(&["edge"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.starts_with("escala: edge: http://127.0.0.1:") && !said.contains(":0/"), "{said}");
}
