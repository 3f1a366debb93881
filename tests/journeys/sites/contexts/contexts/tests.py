from django.test import Client, TestCase

from contexts.queries import queries


class ContextsTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        queries(11)

    def test_by_itself(self):
        queries(2)

    def test_with_a_request(self):
        queries(1)
        self.assertEqual(self.client.get("/sync/").content, b"sync")

    def test_with_a_stream(self):
        # While the body is not asked for, queries are the test's own.
        parts = Client().get("/stream/").streaming_content
        queries(1)
        self.assertEqual(next(parts), b"part 0\n")
        queries(1)
        self.assertEqual(len(list(parts)), 2)


class FurtherTests(TestCase):
    def test_elsewhere(self):
        queries(4)
