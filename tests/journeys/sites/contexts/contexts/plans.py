"""Requests whose queries are known beforehand, and that interleave at random with each other.

Plan ``i`` is the same in every process: a seed makes the steps. It has a URL of its own, so that the report tells how
many queries it was seen to make.
"""

import asyncio
import random
import threading
import time
from contextvars import copy_context

from django.http import HttpResponse

from contexts.queries import aquery, aquery_in_any_thread, query, query_and_disconnect

NUMBER = 200
STEPS_MAX = 12


def steps(plan, kinds):
    chance = random.Random(plan)
    kinds = list(kinds)
    return [chance.choice(kinds) for _ in range(chance.randint(1, STEPS_MAX))], chance


#: What a step counts for. A thread without a copy of its parent's context belongs to no request.
THREAD_KINDS = {"query": 1, "pause": 0, "thread": 1, "detached thread": 0}


def thread(request, plan):
    """As a server's thread sees it."""
    taken, chance = steps(plan, THREAD_KINDS)
    for step in taken:
        if step == "pause":
            time.sleep(chance.random() / 50)
        elif step == "query":
            query()
        else:
            run = copy_context().run if step == "thread" else _run
            worker = threading.Thread(target=run, args=(query_and_disconnect,))
            worker.start()
            worker.join()
    return HttpResponse(f"plan {plan}")


def _run(function):
    return function()


TASK_KINDS = {"query": 1, "pause": 0, "gather": 3, "any thread": 1, "task": 1}


async def task(request, plan):
    """As an event loop sees it."""
    taken, chance = steps(plan, TASK_KINDS)
    for step in taken:
        if step == "pause":
            await asyncio.sleep(chance.random() / 50)
        elif step == "query":
            await aquery()
        elif step == "gather":
            await asyncio.gather(aquery(), aquery_in_any_thread(), aquery())
        elif step == "any thread":
            await aquery_in_any_thread()
        else:
            await asyncio.create_task(aquery())
    return HttpResponse(f"plan {plan}")


def expected():
    """The queries of each plan, by its URL."""
    kinds = {"thread": THREAD_KINDS, "task": TASK_KINDS}
    return {
        f"/{name}/{plan}/": sum(weights[step] for step in steps(plan, weights)[0])
        for name, weights in kinds.items()
        for plan in range(NUMBER)
    }
