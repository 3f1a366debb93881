"""A worker as management commands are: it polls, and takes tasks when there are any."""

from celery.app import trace
from django.core.management.base import BaseCommand

from contexts.queries import query
from contexts.tasks import app, count


class Command(BaseCommand):
    def handle(self, *args, **options):
        # As a worker of Celery does; its own command needs a broker.
        run = trace.build_tracer(count.name, count, app=app)
        for number in range(3):
            query()
            run(f"task-{number}", (number,), {}, {"id": f"task-{number}", "task": count.name})
        self.stdout.write("worked")
