//! No secret leaves the process: nothing of it crosses the socket, and nothing stands in `.escala/`.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use journeys::{Client, Site, files, pythons};

/// What a careless site is handed. None is a word, and none is part of another.
const PASSWORD: &str = "zr4k/ümlaut&pass";
const BASIC: &str = "ada:basic-qv7!x";
const BEARER: &str = "bearer-w8eh2";
const API_KEY: &str = "apikey-m3xu9";
const COOKIE: &str = "cookie-p5tb1";
const CSRF: &str = "csrf-f6yc4";
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.dBjftJeZ4CVPmB92K27uhbUJU1p1r";
const CARD: &str = "4111111111111111";
const GROUPED_CARD: &str = "5555-5555-5555-4444";
const RESET: &str = "c9x4-short1";
const MAGIC: &str = "9f86d081884c7d659a2feaa0c55ad015";
const SLASHED: &str = "left-k2v/right-d8s";
const HOOK: &str = "110201543AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
const NESTED: &str = "nested-j7rn3";
const VALUE: &str = "hunter2'sesame";
const PIN: &str = "4929";
const SQL_CARD: &str = "4012888888881881";
const BODY: &str = "body-s3cr3t-g5";

/// Stands between the agent and the recorder, passes everything on, and remembers it.
fn tap(socket: &Path, recorder: &Path) -> Arc<Mutex<Vec<u8>>> {
    let listener = UnixListener::bind(socket).expect("a free path");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (crossing, recorder) = (Arc::clone(&seen), recorder.to_owned());
    std::thread::spawn(move || {
        for mut agent in listener.incoming().flatten() {
            let recorder = std::fs::read_to_string(&recorder).expect("gunicorn's configuration wrote it");
            let mut onwards = UnixStream::connect(recorder).expect("the recorder listens");
            let crossing = Arc::clone(&crossing);
            std::thread::spawn(move || {
                let mut buffer = vec![0; 65_536];
                while let Ok(count @ 1..) = agent.read(&mut buffer) {
                    crossing.lock().expect("nobody panics with it").extend_from_slice(&buffer[..count]);
                    onwards.write_all(&buffer[..count]).expect("the recorder reads");
                }
            });
        }
    });
    seen
}

/// Sends a request with every credential that a header can carry.
fn send(port: u16, method: &str, target: &str, content: Option<(&str, &str)>) {
    let (kind, body) = content.unwrap_or_default();
    let request = format!(
        "{method} {target} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic {}\r\nX-Api-Key: {API_KEY}\r\n\
         X-CSRFToken: {CSRF}\r\nCookie: theme={COOKIE}\r\nAccept: text/html;token={BEARER}\r\nX-Value: {VALUE}\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        base64(BASIC.as_bytes()),
        body.len(),
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket takes a time limit");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    assert!(answer.starts_with("HTTP/1."), "{method} {target}: {answer}");
}

/// Ways in which a text may be written down.
fn forms(secret: &str) -> BTreeSet<Vec<u8>> {
    let each = |write: &dyn Fn(u8) -> String| secret.bytes().map(write).collect::<String>();
    let but_plain = |write: &dyn Fn(u8) -> String| {
        each(&|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).into()
            } else {
                write(byte)
            }
        })
    };
    let characters = secret.chars().map(|each| format!("\\u{:04x}", u32::from(each)));
    [
        secret.to_owned(),
        but_plain(&|byte| format!("%{byte:02X}")),
        but_plain(&|byte| format!("%{byte:02x}")),
        but_plain(&|byte| format!("%{byte:02X}")).replace("%2F", "/"),
        each(&|byte| format!("%{byte:02X}")),
        each(&|byte| format!("%{byte:02x}")),
        each(&|byte| format!("\\x{byte:02x}")),
        each(&|byte| format!("{byte:02x}")),
        secret.replace('\'', "''"),
        secret.replace('\'', "\\'"),
        secret.chars().rev().collect(),
        characters.collect(),
        base64(secret.as_bytes()).trim_end_matches('=').to_owned(),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Hands every secret to the site in every way; returns those that only the site knew.
fn visit(port: u16) -> Vec<String> {
    let form = "application/x-www-form-urlencoded";
    let mut client = Client::new(port);
    client.log_in("/login/", &[("username", "ada"), ("password", &percent(PASSWORD))]);
    for target in [
        format!("/reset/MQ/{RESET}/?page=harmless"),
        format!("/reset/MQ/{}/", percent(RESET)),
        format!("/magic/{MAGIC}/"),
        format!("/files/{SLASHED}/"),
        format!("/hooks/{HOOK}/"),
        format!("/pay/{GROUPED_CARD}/"),
        format!("/pay/?card={CARD}&amount=3"),
        format!("/search/?q={CARD}"),
        format!("/search/?q={}", percent(CARD)),
        format!("/search/?next=%2Fcallback%3Faccess_token%3D{NESTED}"),
        format!("/search/?next=%252Fcallback%253Faccess_token%253D{NESTED}"),
        format!("/search/?state={JWT}"),
        format!("/search/?password={}", percent(PASSWORD)),
        format!("/nowhere/{RESET}/"),
        format!("/reset/MQ/{RESET}"),
        "/sql/".to_owned(),
        "/boom/".to_owned(),
    ] {
        send(port, "GET", &target, None);
    }
    send(port, "POST", "/pay/", Some((form, &format!("card={CARD}&note={BODY}"))));
    send(
        port,
        "POST",
        "/pay/",
        Some(("application/json", &format!("{{\"pan\": \"{CARD}\", \"note\": \"{BODY}\"}}"))),
    );
    send(port, "GET", "/search/", Some(("application/json", &format!("{{\"password\": \"{BODY}\"}}"))));
    client.cookies().map(str::to_owned).collect()
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"))
}

#[test]
fn no_secret_leaves_the_process() {
    let (_, python) = pythons().remove(0);
    let directory = tempfile::TempDir::with_prefix("escala-tap-").unwrap();
    let (socket, recorder) = (directory.path().join("s"), directory.path().join("recorder"));
    let [socket_text, recorder_text] = [&socket, &recorder].map(|path| path.display().to_string());
    let environment = [("TAP", socket_text.as_str()), ("RECORDER", recorder_text.as_str())];
    let site = Site::copy_of("tests/journeys/sites/endurance", &python, &environment);
    let _ = site.python(&["measure.py", "fill", "10"]).ok();
    let password = percent(PASSWORD).replace('%', "");
    let create = format!(
        "from django.contrib.auth.models import User\n\
         User.objects.create_user('ada', password=bytes.fromhex('{password}').decode())"
    );
    let _ = site.python(&["manage.py", "shell", "-c", &create]).ok();
    // gunicorn reads it before the app: the agent will find the tap where the recorder was.
    site.write(
        "gunicorn.conf.py",
        "import os\nopen(os.environ['RECORDER'], 'w').write(os.environ['ESCALA_SOCKET'])\n\
         os.environ['ESCALA_SOCKET'] = os.environ['TAP']\n",
    );
    let crossing = tap(&socket, &recorder);
    let mut server = site.serve("endurance.wsgi", true);
    let cookies = visit(server.port());
    // The recorder commits five times a second.
    std::thread::sleep(Duration::from_millis(600));
    let mut kept = Vec::from_iter(files(&site.path().join(".escala")));
    assert!(server.stop().success(), "{}", server.log());
    kept.extend(files(&site.path().join(".escala")));
    kept.push(("the socket".to_owned(), crossing.lock().unwrap().clone()));
    let own: String = server.log().lines().filter(|line| line.starts_with("escala")).collect();
    kept.push(("what Escala printed".to_owned(), own.into_bytes()));

    let known = [
        PASSWORD,
        BASIC,
        BEARER,
        API_KEY,
        COOKIE,
        CSRF,
        JWT,
        CARD,
        GROUPED_CARD,
        RESET,
        MAGIC,
        SLASHED,
        HOOK,
        NESTED,
        VALUE,
        PIN,
        SQL_CARD,
        BODY,
        "pbkdf2_",
        "sessionid=",
    ];
    assert!(!cookies.is_empty(), "the site sets a session cookie");
    for secret in known.into_iter().chain(cookies.iter().map(String::as_str)) {
        for form in forms(secret) {
            for (name, bytes) in &kept {
                assert!(!contains(bytes, &form), "{} stands in {name}", String::from_utf8_lossy(&form));
            }
        }
    }
    // What is looked through is what is to be looked through.
    for text in [
        "endurance_book",
        "/reset/<uidb64>/<token>/",
        "/reset/MQ/redacted/",
        "page=harmless",
        "card=redacted",
    ] {
        let holders = kept.iter().filter(|(_, bytes)| contains(bytes, text.as_bytes())).count();
        assert!(holders >= 2, "{text} crosses the socket and is kept, in {holders} places");
    }
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    let routes: Vec<_> =
        report["endpoints"].as_array().unwrap().iter().map(|each| each["route"].clone()).collect();
    for route in ["/sql/", "/boom/", "/pay/", "/hooks/redacted/", "/login/"] {
        assert!(routes.contains(&route.into()), "{route}: {routes:?}");
    }
}
