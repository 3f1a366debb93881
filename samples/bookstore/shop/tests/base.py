from io import StringIO

from django.core.management import call_command
from django.test import TestCase, override_settings


@override_settings(
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)
class SeededTestCase(TestCase):
    """Runs on the demo data."""

    @classmethod
    def setUpTestData(cls):
        call_command("seed", stdout=StringIO())
