from django.core.management import call_command
from django.core.management.base import BaseCommand

from contexts import tasks
from contexts.queries import queries


class Command(BaseCommand):
    """Background work in the foreground, as it is while one develops."""

    def handle(self, *args, **options):
        queries(2)
        call_command("tally", 3, stdout=self.stdout)
        tasks.count.apply((3,))
        tasks.fail.apply()
        tasks.own_count.enqueue(6)
        tasks.own_fail.enqueue()
        tasks.own_async_count.enqueue()
        # Called like a function, a task is one.
        tasks.count(1)
