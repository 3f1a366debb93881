"""Celery with a directory for a broker: `celery -A contexts worker`."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contexts.settings")

_QUEUE = settings.BASE_DIR / "queue"
for _folder in ("in", "control", "results"):
    (_QUEUE / _folder).mkdir(parents=True, exist_ok=True)

app = Celery("contexts", broker="filesystem://", backend=f"file://{_QUEUE}/results")
app.conf.broker_transport_options = {
    "data_folder_in": f"{_QUEUE}/in",
    "data_folder_out": f"{_QUEUE}/in",
    "control_folder": f"{_QUEUE}/control",
}
app.conf.imports = ["contexts.tasks"]
