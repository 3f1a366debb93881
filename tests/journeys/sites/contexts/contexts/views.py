import asyncio
import os
import signal
import sys
import threading
import time
from contextvars import copy_context

from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.http import HttpResponse, StreamingHttpResponse
from django.template import Context
from django.template.base import Node
from django.test import AsyncClient, Client

from contexts.queries import aquery, aquery_in_any_thread, queries, query, query_and_disconnect


def sync_view(request):
    queries(3)
    return HttpResponse("sync")


async def async_view(request):
    await aquery()
    await sync_to_async(queries)(2)
    await asyncio.gather(aquery(), aquery_in_any_thread())
    return HttpResponse("async")


def stream(request):
    """Two queries before the body, three while it is sent."""
    queries(2)

    def body():
        for part in range(3):
            query()
            yield f"part {part}\n"

    return StreamingHttpResponse(body())


async def async_stream(request):
    await aquery()

    async def body():
        for part in range(3):
            await aquery()
            yield f"part {part}\n"

    return StreamingHttpResponse(body())


def endless_stream(request):
    """Until the client has had enough."""

    def body():
        for part in range(300):
            if part < 4:
                query()
            time.sleep(0.01)
            yield b"." * 65_536

    return StreamingHttpResponse(body())


async def endless_async_stream(request):
    async def body():
        for part in range(300):
            if part < 4:
                await aquery()
            await asyncio.sleep(0.01)
            yield b"." * 65_536

    return StreamingHttpResponse(body())


def nested(request):
    """A request inside a request."""
    query()
    answer = Client().get("/sync/")
    queries(3)
    return HttpResponse(b"nested " + answer.content)


async def async_nested(request):
    await aquery()
    answer = await AsyncClient().get("/async/")
    return HttpResponse(b"nested " + answer.content)


def threads(request):
    """One thread that has a copy of the request's context, and one that has not."""
    query()
    for run in (copy_context().run, lambda function: function()):
        thread = threading.Thread(target=run, args=(query_and_disconnect,))
        thread.start()
        thread.join()
    return HttpResponse("threads")


def command(request):
    """A command that runs as part of the request."""
    query()
    call_command("tally", 4)
    return HttpResponse("command")


def fork(request, way):
    """A child in the middle of a request: it makes queries, ends in its own way, and leaves the request alone."""
    queries(2)
    child = os.fork()
    if child == 0:
        query_and_disconnect()
        if way == "os-exit":
            os._exit(3)
        sys.exit(3)
    _, status = os.waitpid(child, 0)
    query()
    return HttpResponse(f"child {os.waitstatus_to_exitcode(status)}")


def pid(request):
    return HttpResponse(str(os.getpid()))


def leave(request):
    """A worker that is gone in the middle of a request."""
    query()
    os._exit(0)


def slow(request):
    query()
    time.sleep(60)
    return HttpResponse("slow")


def storm(request):
    """A thousand signals a second, each with a handler in Python."""
    received = 0

    def handle(number, frame):
        nonlocal received
        received += 1

    previous = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        until = time.monotonic() + 0.3
        made = 0
        while time.monotonic() < until or made % 100:
            query()
            made += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    return HttpResponse(f"{made} queries, {received} signals")


def large(request):
    """A request whose observation is large: many different statements at many depths."""
    from django.db import connection

    with connection.cursor() as cursor:
        for number in range(2_000):
            cursor.execute(f"SELECT 1 AS a_name_that_is_long_enough_to_take_its_place_{number}")
    return HttpResponse("large")


class GivesWay(Node):
    """Whoever asks for its token lets other threads run meanwhile."""

    @property
    def token(self):
        time.sleep(0.005)

    def render(self, context):
        query()
        return ""


def elsewhere(request):
    GivesWay().render_annotated(Context())
    return HttpResponse("elsewhere")
