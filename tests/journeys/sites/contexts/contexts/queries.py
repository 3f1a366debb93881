"""Queries that say nothing and cost nothing, but can be counted."""

from asgiref.sync import sync_to_async
from django.contrib.contenttypes.models import ContentType
from django.db import connection


def query():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone()


def queries(number):
    for _ in range(number):
        query()


async def aquery():
    return await ContentType.objects.acount()


async def aquery_in_any_thread():
    return await sync_to_async(query_and_disconnect, thread_sensitive=False)()


def query_and_disconnect():
    try:
        return query()
    finally:
        connection.close()
