"""The site bare, under Escala, and under each peer: settings, and what stands before gunicorn's command."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Variant:
    name: str
    #: Module below ``measured.settings``.
    settings: str
    #: Package whose version is reported.
    package: str | None
    #: How it is configured, for the table's readers.
    configuration: str
    #: Answers to a page differ from the bare site's: the peer writes into them.
    changes_answers: bool = False

    def command(self, gunicorn, sink_port):
        if self.name == "escala":
            return [os.environ["ESCALA_BIN"], "run", "--", *gunicorn]
        if self.name == "opentelemetry":
            return [str(BIN / "opentelemetry-instrument"), *gunicorn]
        return gunicorn

    def environment(self, sink_port):
        if self.name != "opentelemetry":
            return {}
        return {
            "OTEL_SERVICE_NAME": "bookstore",
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink_port}",
        }


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("bare", "bare", None, "nothing"),
        Variant("escala", "bare", None, "`escala run -- gunicorn …`, full capture, its recorder running"),
        Variant("zeal", "zeal", "django-zeal", "its middleware, warnings instead of exceptions"),
        Variant(
            "opentelemetry",
            "bare",
            "opentelemetry-instrumentation-django",
            "`opentelemetry-instrument` with the instrumentations of Django, WSGI and the database driver, all "
            "requests sampled, batch processor, OTLP over HTTP to a local sink",
        ),
        Variant("sentry", "sentry", "sentry-sdk", "`traces_sample_rate=1.0`, a DSN of a local sink"),
        Variant(
            "toolbar",
            "toolbar",
            "django-debug-toolbar",
            "its middleware and default panels, shown to everybody with DEBUG off",
            changes_answers=True,
        ),
        Variant("silk", "silk", "django-silk", "its middleware, into the site's own database"),
    )
}
