import pytest

from contexts.queries import queries


@pytest.fixture
def prepared(db):
    queries(7)


@pytest.mark.parametrize("number", [1, 2])
def test_function(prepared, number):
    queries(number)


@pytest.mark.django_db
class TestGroup:
    def test_method(self, client):
        queries(3)
        assert client.get("/threads-without-a-route/").status_code == 404


def test_without_a_database():
    assert True
