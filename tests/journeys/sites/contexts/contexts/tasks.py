"""Background work, for Celery and for Django's own framework, which older Djangos have from a package."""

import django

from contexts.celery import app
from contexts.queries import aquery, queries

@app.task
def count(number):
    queries(number)
    return number


@app.task
def fail():
    queries(1)
    raise ValueError("this task fails")


if django.VERSION >= (6, 0):
    from django.tasks import task
else:
    from django_tasks import task


@task
def own_count(number):
    queries(number)
    return number


@task
def own_fail():
    queries(2)
    raise ValueError("this task fails")


@task
async def own_async_count():
    return await aquery()
