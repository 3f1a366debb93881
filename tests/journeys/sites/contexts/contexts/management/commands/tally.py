from django.core.management.base import BaseCommand, CommandError

from contexts.queries import queries


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("number", type=int)
        parser.add_argument("--fail", action="store_true")

    def handle(self, *args, number, fail, **options):
        queries(number)
        if fail:
            raise CommandError("the tally does not add up", returncode=4)
        self.stdout.write(f"tallied {number}")
