use super::*;

fn read(command: &str, environment: &[(&str, &str)]) -> Option<(String, Option<usize>)> {
    let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
    let variable = |name: &str| {
        environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    served(&words, variable).map(|served| (served.address, served.at_once))
}

#[test]
fn servers_say_where_they_listen_and_what_they_do_at_once() {
    for (command, address, at_once) in [
        ("gunicorn shop.wsgi", "127.0.0.1:8000", Some(1)),
        ("gunicorn -w 4 --threads=2 -b 0.0.0.0:9000 shop.wsgi", "127.0.0.1:9000", Some(8)),
        ("venv/bin/gunicorn shop.wsgi --bind=unix:/run/shop.sock -w3", "unix:/run/shop.sock", Some(3)),
        ("python -m gunicorn --preload -b :8001 shop.wsgi", "127.0.0.1:8001", Some(1)),
        ("gunicorn -k gevent -w 4 shop.wsgi", "127.0.0.1:8000", None),
        ("gunicorn -b [::]:8000 shop.wsgi", "[::1]:8000", Some(1)),
        ("gunicorn -b 127.0.0.1 shop.wsgi", "127.0.0.1:8000", Some(1)),
        ("uvicorn shop.asgi:application --host 0.0.0.0 --port 5000", "127.0.0.1:5000", None),
        ("uvicorn --reload shop.asgi:application --uds /run/a.sock", "unix:/run/a.sock", None),
        ("daphne -p 8009 shop.asgi:application", "127.0.0.1:8009", None),
        ("hypercorn shop.asgi -b localhost:8002", "127.0.0.1:8002", None),
        ("granian --interface wsgi shop.wsgi:application --port 8003", "127.0.0.1:8003", None),
        ("waitress-serve --listen=*:8041 --threads=6 shop.wsgi:application", "127.0.0.1:8041", Some(6)),
        ("waitress-serve shop.wsgi:application", "127.0.0.1:8080", Some(4)),
        ("python manage.py runserver", "127.0.0.1:8000", None),
        ("python manage.py runserver --noreload 8010", "127.0.0.1:8010", None),
        ("./manage.py runserver 0.0.0.0:8011", "127.0.0.1:8011", None),
    ] {
        assert_eq!(read(command, &[]), Some((address.to_owned(), at_once)), "{command}");
    }
}

#[test]
fn the_environment_counts_where_the_servers_read_it() {
    let environment = [("PORT", "7000"), ("WEB_CONCURRENCY", "5")];
    assert_eq!(read("gunicorn shop.wsgi", &environment), Some(("127.0.0.1:7000".to_owned(), Some(5))));
    assert_eq!(
        read("gunicorn -w 2 -b :1 shop.wsgi", &environment),
        Some(("127.0.0.1:1".to_owned(), Some(2)))
    );
    assert_eq!(read("uvicorn shop.asgi", &environment), Some(("127.0.0.1:8000".to_owned(), None)));
}

#[test]
fn what_is_no_server_is_none() {
    for command in ["python manage.py test", "pytest", "runserver", "celery -A shop worker", "true"] {
        assert_eq!(read(command, &[]), None, "{command}");
    }
}
