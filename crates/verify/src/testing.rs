//! A small Django project in a temporary directory, and requests to it, for the tests of this crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use analysis::EndpointKey;
use observation::{CapturedRequest, Process, TransactionKind};
use tempfile::TempDir;

use crate::experiment::{Laboratory, Overlay};
use crate::traffic::Recorded;
use crate::worker::Launch;

const SETTINGS: &str = r#"
import os
SECRET_KEY = "not a secret"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "shop"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "shop.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(os.path.dirname(os.path.dirname(__file__)), "db.sqlite3"),
    }
}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
MIGRATION_MODULES = {"auth": None, "contenttypes": None, "sessions": None}  # tables at once, not by migrations
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"#;

const MODELS: &str = r#"
from django.db import models


class Publisher(models.Model):
    name = models.CharField(max_length=50)


class Book(models.Model):
    title = models.CharField(max_length=50)
    publisher = models.ForeignKey(Publisher, models.CASCADE, related_name="books")

    class Meta:
        ordering = ["pk"]


class Store(models.Model):
    name = models.CharField(max_length=50)
    books = models.ManyToManyField(Book)
"#;

/// Views of every temper. The N+1 is in `books`, `shelved`, `form` and `mine`.
pub(crate) const VIEWS: &str = r#"
import os, random, time
from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpResponse
from django.middleware.csrf import get_token
from shop.models import Book, Publisher, Store


def lines(books):
    return "\n".join(f"{book.title} ({book.publisher.name})" for book in books)


def books(request):
    return HttpResponse(lines(Book.objects.all()))


def shelf():
    return Book.objects.all()


def shelved(request):
    return HttpResponse(lines(shelf()))


def titles(request):
    return HttpResponse(" ".join(book.title for book in shelf()))


def api(request):
    from rest_framework.authentication import TokenAuthentication
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.renderers import JSONRenderer
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class View(APIView):
        authentication_classes = [TokenAuthentication]
        permission_classes = [IsAuthenticated]
        renderer_classes = [JSONRenderer]

        def get(self, request):
            return Response({"user": request.user.username})

    return View.as_view()(request)


def form(request):
    return HttpResponse(f'<input value="{get_token(request)}">' + lines(Book.objects.all()[:9]))


@login_required
def mine(request):
    return HttpResponse(f"{request.user.username}: " + lines(Book.objects.all()[:5]))


def shuffled(request):
    return HttpResponse(lines(sorted(Book.objects.all(), key=lambda book: random.random())))


def writes(request):
    with transaction.atomic(durable=True):
        Publisher.objects.create(name="written")
    transaction.on_commit(lambda: open("committed.txt", "w").close())
    send_mail("subject", "body", "from@localhost", ["to@localhost"])
    hits = cache.get("hits", 0) + 1
    cache.set("hits", hits)
    return HttpResponse(f"{hits}: {Publisher.objects.count()} " + lines(Book.objects.all()[:3]))


def commits(request):
    from django.db import connection
    Publisher.objects.create(name="committed")
    connection.cursor().execute("COMMIT")
    return HttpResponse("committed")


def threaded(request):
    import threading
    thread = threading.Thread(target=lambda: Publisher.objects.create(name="from a thread"))
    thread.start()
    thread.join()
    return HttpResponse(str(Publisher.objects.count()))


def count(request):
    return HttpResponse(str(Book.objects.count()))


def ages(request):
    return HttpResponse("ago " * (1 + os.path.exists("aged")))


def moments(request):
    """Shows in each row how much time has passed: a moment is over with the third, tenth, … request to any process."""
    with open("asked", "ab") as asked:
        passed = (asked.tell() + 4) // 7
        asked.write(b".")
    books = Book.objects.all()[:20]
    return HttpResponse("\n".join(f"{book.publisher.name}: {passed} ago" for book in books))


def is_odd():
    """Whether this process, by its number, is to answer otherwise than those before."""
    if not os.path.exists("odd_processes"):
        return False
    with open("processes", "ab") as processes:
        number = processes.tell()
        processes.write(b".")
    return str(number) in open("odd_processes").read().split()


PROCESS = "odd" if is_odd() else "even"


def process(request):
    return HttpResponse(PROCESS)


def models(request):
    return HttpResponse(" ".join(model.__name__ for model in set(apps.get_models())))


def dies(request):
    os._exit(7)


def hangs(request):
    time.sleep(3600)


def raises(request):
    raise ValueError("out of\npaper")


def leaves(request):
    raise SystemExit(3)
"#;

const URLS: &str = r#"
from django.urls import path
from shop import views

names = "books shelved titles api form mine shuffled writes commits threaded count ages moments process models dies hangs raises leaves"
urlpatterns = [path(f"{name}/", getattr(views, name)) for name in names.split()]
"#;

const SEED: &str = r#"
import json, sys
search_path = json.dumps(sys.path)
import django
django.setup()
from django.core.management import call_command
from django.contrib.auth.models import User
from shop.models import Book, Publisher, Store
call_command("migrate", run_syncdb=True, verbosity=0)
User.objects.create(pk=7, username="ada", password="!")
publishers = Publisher.objects.bulk_create(Publisher(pk=n, name=f"Publisher {n}") for n in range(20))
Book.objects.bulk_create(Book(title=f"Book {n}", publisher_id=n % 20) for n in range(100))
print(search_path)
"#;

/// The interpreters to test with; `cargo xtask test` makes them.
pub(crate) const PYTHONS: [&str; 2] = ["ESCALA_TEST_PYTHON_52", "ESCALA_TEST_PYTHON_61"];

/// Those of them that this machine has: `cargo xtask test` leaves the second empty, and says so, where no Python is new
/// enough for that Django.
pub(crate) fn pythons() -> impl Iterator<Item = &'static str> {
    let is_absent = |name: &str| name != PYTHONS[0] && std::env::var(name).is_ok_and(|path| path.is_empty());
    PYTHONS.into_iter().filter(move |name| !is_absent(name))
}

/// A seeded project.
pub(crate) struct Site {
    directory: TempDir,
    pub(crate) process: Process,
    pub(crate) program: PathBuf,
}

impl Site {
    /// Makes the project for the interpreter that the environment variable names.
    pub(crate) fn new(python: &str) -> Self {
        let executable = std::env::var(python)
            .unwrap_or_else(|_| panic!("{python} is not set: run these tests through `cargo xtask test`"));
        let directory = TempDir::new().unwrap();
        let shop = directory.path().join("shop");
        fs::create_dir(&shop).unwrap();
        for (name, text) in [
            ("__init__.py", ""),
            ("settings.py", SETTINGS),
            ("models.py", MODELS),
            ("views.py", VIEWS),
            ("urls.py", URLS),
        ] {
            fs::write(shop.join(name), text).unwrap();
        }
        let process = Process {
            executable,
            settings_module: "shop.settings".into(),
            working_directory: directory.path().display().to_string(),
            ..Process::default()
        };
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/escala_agent/replay");
        let mut site = Self { directory, process, program };
        site.process.module_search_path = site.python(SEED);
        site
    }

    /// Runs a program in the project and reads the JSON that it prints.
    pub(crate) fn python<T: serde::de::DeserializeOwned>(&self, program: &str) -> T {
        let output = Command::new(&self.process.executable)
            .args(["-c", program])
            .current_dir(self.root())
            .env("DJANGO_SETTINGS_MODULE", "shop.settings")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Rows of a table in the database on disk.
    pub(crate) fn rows(&self, model: &str) -> u32 {
        self.python(&format!(
            "import django; django.setup(); from django.apps import apps; print(apps.get_model('{model}').objects.count())"
        ))
    }

    /// The project's directory.
    pub(crate) fn root(&self) -> &Path {
        self.directory.path()
    }

    /// All files of the project.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files: Vec<_> = [self.root().to_owned(), self.root().join("shop")]
            .iter()
            .flat_map(|directory| fs::read_dir(directory).unwrap())
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        files.sort();
        files
    }

    /// How to start it.
    pub(crate) fn launch(&self) -> Launch<'_> {
        Launch { process: &self.process, program: &self.program, request_time_max: Duration::from_secs(10) }
    }

    /// A laboratory for requests to it.
    pub(crate) fn laboratory<'a>(&'a self, requests: &'a [Recorded]) -> Laboratory<'a> {
        Laboratory::new(self.launch(), requests.iter().collect())
    }

    /// The views with one piece of text in place of another.
    pub(crate) fn views_with(&self, from: &str, to: &str) -> Overlay {
        assert!(VIEWS.contains(from));
        Overlay::from([(self.root().join("shop/views.py"), VIEWS.replace(from, to))])
    }
}

/// A recorded request for a page.
pub(crate) fn get(path: &str) -> Recorded {
    Recorded {
        endpoint: EndpointKey { kind: TransactionKind::Http, method: "GET".into(), route: path.into() },
        queries: 0,
        request: CapturedRequest {
            method: "GET".into(),
            path: path.into(),
            headers: vec![("host".into(), "shop.test".into())],
            ..CapturedRequest::default()
        },
    }
}
