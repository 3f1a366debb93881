"""An open-loop generator: each request has a slot that was planned before, and no answer delays the next one.

Each comes over a connection of its own from one of many addresses, as the requests of a rush do, and its latency counts
from its slot, so that what the generator is late counts, too. Whoever gets no answer gives up.
"""

import asyncio
import itertools
import socket
import time
from dataclasses import dataclass

#: Clients are at 127.0.0.2 and the next addresses, so that nobody takes them for one.
ADDRESSES = 250


@dataclass
class Outcome:
    slot_s: float
    #: A status as text, or `connect`, `reset` or `gave up`.
    what: str
    latency_s: float
    #: How late the generator itself was.
    lag_s: float


class Answer(asyncio.Protocol):
    """One request on one connection; ``done`` is its status, or a failure."""

    def __init__(self, request, done):
        self.request = request
        self.done = done
        self.head = b""
        self.missing = None
        self.status = None

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data):
        if self.missing is None:
            self.head += data
            head, separator, body = self.head.partition(b"\r\n\r\n")
            if not separator:
                return
            self.status, self.missing = read(head)
            data = body
        if self.missing is not NO_LENGTH:
            self.missing -= len(data)
            if self.missing <= 0:
                self.finish(self.status)

    def connection_lost(self, _error):
        # An answer without a length ends with its connection.
        self.finish(self.status if self.missing is NO_LENGTH else "reset")

    def finish(self, what):
        if not self.done.done():
            self.done.set_result(what)
        self.transport.close()


NO_LENGTH = object()


def read(head):
    lines = head.split(b"\r\n")
    words = lines[0].split(b" ")
    status = words[1].decode("ascii", "replace") if len(words) > 1 else "reset"
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return status, int(value)
    return status, NO_LENGTH


class Generator:
    def __init__(self, port, path, sessions, patience_s):
        self.port = port
        self.patience_s = patience_s
        self.addresses = itertools.cycle(f"127.0.0.{2 + number}" for number in range(ADDRESSES))
        self.requests = itertools.cycle(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nAccept-Language: en\r\n"
            f"Cookie: sessionid={session}\r\nConnection: close\r\n\r\n".encode()
            for session in sessions
        )

    async def ask(self, slot, origin):
        """Both on the clock of ``time.perf_counter``; the outcome's slot is relative to the origin."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self.patience_s):
                what = await self._exchange()
        except TimeoutError:
            what = "gave up"
        except OSError:
            what = "connect"
        return Outcome(slot - origin, what, time.perf_counter() - slot, began - slot)

    async def _exchange(self):
        loop = asyncio.get_running_loop()
        connection = socket.socket()
        try:
            connection.setblocking(False)
            connection.bind((next(self.addresses), 0))
            await loop.sock_connect(connection, ("127.0.0.1", self.port))
            done = loop.create_future()
            request = next(self.requests)
            transport, _ = await loop.create_connection(lambda: Answer(request, done), sock=connection)
        except BaseException:
            connection.close()
            raise
        try:
            return await done
        finally:
            transport.abort()

    async def planned(self, rate_per_s, seconds):
        """So many requests per second, at even intervals."""
        origin = time.perf_counter()
        slots = (origin + number / rate_per_s for number in range(round(rate_per_s * seconds)))
        asked = []
        for slot in slots:
            await until(slot)
            asked.append(asyncio.create_task(self.ask(slot, origin)))
        # The slot after the last one: whoever goes on from here goes on in time.
        await until(origin + seconds)
        return asked

    async def probed(self, limit_s, most):
        """One request a second until one is answered well in time: in which second that was, and all outcomes."""
        origin = time.perf_counter()
        asked = []
        for number in range(most):
            await until(origin + number)
            asked.append(asyncio.create_task(self.ask(origin + number, origin)))
            # The next one begins in a second, whether this one was answered or not.
            await until(origin + number + min(limit_s + 0.01, 0.99))
            if any(is_good(one, limit_s) for one in asked):
                break
        outcomes = await asyncio.gather(*asked)
        good = [one.slot_s for one in outcomes if one.what == "200" and one.latency_s <= limit_s]
        return (round(min(good)) if good else None), outcomes


def is_good(task, limit_s):
    return task.done() and task.result().what == "200" and task.result().latency_s <= limit_s


async def until(moment):
    if (wait_s := moment - time.perf_counter()) > 0:
        await asyncio.sleep(wait_s)


async def closed_loop(port, path, sessions, clients, seconds):
    """Answers per second when each client asks again as soon as it was answered: what a site can do at most."""
    generator = Generator(port, path, sessions, patience_s=30)
    end = time.perf_counter() + seconds
    statuses = []

    async def client():
        while (now := time.perf_counter()) < end:
            statuses.append((await generator.ask(now, now)).what)

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return statuses.count("200") / (time.perf_counter() - began), statuses


async def one_by_one(port, path, sessions, number, pause_s=0.05):
    generator = Generator(port, path, sessions, patience_s=30)
    outcomes = []
    for _ in range(number):
        now = time.perf_counter()
        outcomes.append(await generator.ask(now, now))
        await asyncio.sleep(pause_s)
    return outcomes
