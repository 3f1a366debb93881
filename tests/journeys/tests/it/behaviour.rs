//! The app behaves as without Escala: same output, same exit status, same answers, in every way to run it.

use journeys::{Client, Site, pythons};

#[test]
fn manage_py_test_gives_the_same_result_and_is_recorded() {
    for (name, python) in pythons() {
        let site = Site::copy_of("samples/bookstore", &python, &[]);
        let bare = site.python(&["manage.py", "test"]);
        let observed = site.escala_run(&["manage.py", "test"]);
        assert_eq!(bare.status.code(), observed.status.code(), "{name}: {observed:#?}");
        assert_eq!(bare.stdout, observed.stdout, "{name}");
        let ran = |text: &str| {
            text.lines()
                .find(|line| line.starts_with("Ran "))
                .map(|line| line.split(" in ").next().unwrap().to_owned())
        };
        assert_eq!(ran(&bare.stderr), ran(&observed.stderr), "{name}");
        let report = site.escala(&["report", "--format", "json"]).ok().json();
        let endpoints = report["endpoints"].as_array().unwrap();
        let kinds = |kind: &str| endpoints.iter().filter(|endpoint| endpoint["kind"] == kind).count();
        assert!(
            kinds("test") >= 40 && kinds("http") >= 10,
            "{name}: {} tests, {} routes",
            kinds("test"),
            kinds("http")
        );
    }
}

#[test]
fn runserver_is_seen_through_its_reloader() {
    for (_, python) in pythons() {
        let site = Site::bookstore(&python, &[]);
        let mut server = site.runserver();
        let mut client = Client::new(server.port());
        assert_eq!(client.get("/books/").status, 200);
        server.stop();
        let report = site.escala(&["report", "--format", "json"]).ok().json();
        let endpoints = report["endpoints"].as_array().unwrap();
        let books =
            endpoints.iter().find(|endpoint| endpoint["route"] == "/books/").expect("/books/ was seen");
        assert_eq!(books["queries"]["max"], 101);
    }
}

const THROUGH_TABLE: &str = "
from django.contrib.auth.models import Group, User
user = User.objects.order_by('pk').first()
user.groups.add(Group.objects.create(name='readers'))
print(user.groups.count(), user.groups.exists(), user.user_permissions.count(), user.user_permissions.exists())
user.groups.all().delete()
";

#[test]
fn exit_status_output_and_errors_are_the_commands_own() {
    let (_, python) = pythons().remove(0);
    let site = Site::bookstore(&python, &[]);
    for arguments in [
        &["manage.py", "check"][..],
        &["manage.py", "no_such_command"],
        // Plain managers answer these from the through table.
        &["manage.py", "shell", "-v0", "-c", THROUGH_TABLE],
        &["-c", "import django, sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"],
    ] {
        let bare = site.python(arguments);
        let observed = site.escala_run(arguments);
        assert_eq!(bare.status.code(), observed.status.code(), "{arguments:?}: {observed:#?}");
        assert_eq!(bare.stdout, observed.stdout, "{arguments:?}");
        let own: Vec<&str> = observed.stderr.lines().filter(|line| !line.starts_with("escala:")).collect();
        assert_eq!(bare.stderr.lines().collect::<Vec<_>>(), own, "{arguments:?}");
    }
}

#[test]
fn the_users_own_sitecustomize_still_runs() {
    let (_, python) = pythons().remove(0);
    let site = Site::copy_of("samples/bookstore", &python, &[("PYTHONPATH", "hooks")]);
    std::fs::create_dir(site.path().join("hooks")).unwrap();
    site.write("hooks/sitecustomize.py", "import builtins\nbuiltins.MARK = 'the user was here'\n");
    let observed =
        site.escala_run(&["-c", "import django, sitecustomize; print(MARK, sitecustomize.__file__)"]);
    assert!(observed.stdout.starts_with("the user was here"), "{observed:#?}");
    assert!(observed.stdout.contains("hooks/sitecustomize.py"), "{observed:#?}");
}

#[test]
fn no_secret_reaches_the_store() {
    let (_, python) = pythons().remove(0);
    let site = Site::bookstore(&python, &[]);
    let mut server = site.serve("bookstore.wsgi", true);
    let mut client = Client::new(server.port());
    client.log_in("/accounts/login/", &[("username", "demo"), ("password", "paperback")]);
    client.get("/search/?q=the&access_token=hunter2sesame");
    client.get("/messages/");
    server.stop();
    let session = std::fs::read_dir(site.path().join(".escala")).unwrap();
    for entry in session {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for secret in ["hunter2sesame", "paperback", "pbkdf2_", "csrftoken", "sessionid="] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} stands in {}", path.display());
            }
        }
    }
}
