"""Views that are handed secrets, and that hand them on to the database as careless code does."""

from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect

from endurance.models import Book


def log_in(request):
    user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
    login(request, user)
    return HttpResponseRedirect("/")


def echo(request, *arguments, **named):
    Book.objects.filter(title=str(request.body) + str(arguments) + str(named)).exists()
    return HttpResponse(f"{request.user.is_authenticated}")


def sql(request):
    secret = request.headers["X-Value"]
    User.objects.filter(email=secret).exists()
    list(Book.objects.extra(where=[f"title = '{secret}'"]))
    list(Book.objects.extra(where=["title = %s"], params=[secret]))
    list(Book.objects.raw(f"SELECT * FROM endurance_book WHERE title = '{secret}'"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 /* {secret} */ -- {secret}")
        cursor.execute(f'SELECT * FROM endurance_book WHERE title = "{secret}"')
        cursor.execute(f"SELECT * FROM endurance_book WHERE title LIKE 'C:\\' OR title = '{secret}'")
        cursor.execute("SELECT 4012888888881881, 4929")
        cursor.executemany("UPDATE endurance_book SET title = %s WHERE id = -1", [[secret]])
    Book.objects.bulk_create([Book(title=secret, publisher_id=1)])
    return HttpResponse("ok")


def boom(request):
    raise ValueError(f"no such customer: {request.headers['X-Value']}")
