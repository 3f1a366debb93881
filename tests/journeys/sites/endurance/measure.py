"""Makes requests of this process, without a server, and prints what each cost: memory at its peak, time, answer.

``python measure.py requests NAME=PATH …`` measures one request after the other.
``python measure.py endure COUNT`` makes COUNT requests that all differ, and measures how memory grows after the first half.
``python measure.py fill COUNT`` makes the database with COUNT books.
"""

import gc
import hashlib
import json
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "endurance.settings")

import django

django.setup()

from django.core.management import call_command
from django.test import Client

from endurance.models import Book, Publisher


def memory_kb(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key + ":"))


def reset_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def measure(client, path):
    gc.collect()
    reset_peak()
    started = time.perf_counter()
    response = client.get(path)
    seconds = time.perf_counter() - started
    answer = hashlib.sha256(response.content).hexdigest()
    return {"status": response.status_code, "answer": answer, "seconds": seconds, "peak_kb": memory_kb("VmHWM")}


def requests(paths):
    client = Client()
    # What every process of a site has loaded after a few requests.
    for path in ("/same/10/", "/lazy/10/", "/varied/warm-up/", "/nowhere/"):
        client.get(path)
    gc.collect()
    results = {"start": {"peak_kb": memory_kb("VmRSS")}}
    for entry in paths:
        name, path = entry.split("=", 1)
        results[name] = measure(client, path.replace("{long}", "x" * 100_000))
    return results


def endure(count):
    client = Client(raise_request_exception=False)
    answers = hashlib.sha256()
    halfway_kb = 0
    started = time.perf_counter()
    for number in range(count):
        name = f"name-{number}-{'x' * (number % 50)}"
        path = (f"/varied/{name}/", f"/{name}/", f"/search/?q={name}")[number % 3]
        method = ("GET", "HEAD", f"M{number}")[number % 5 % 3]
        response = client.generic(method, path)
        answers.update(response.content)
        if number == count // 2:
            gc.collect()
            halfway_kb = memory_kb("VmRSS")
    gc.collect()
    return {
        "answer": answers.hexdigest(),
        "growth_kb": memory_kb("VmRSS") - halfway_kb,
        "seconds": time.perf_counter() - started,
    }


def fill(count):
    call_command("migrate", run_syncdb=True, verbosity=0)
    publishers = Publisher.objects.bulk_create(Publisher(name=f"Publisher {number}") for number in range(100))
    Book.objects.bulk_create(
        (Book(title=f"Book {number}", publisher=publishers[number % 100]) for number in range(count)), 10_000
    )
    return {"books": Book.objects.count()}


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    if verb == "requests":
        result = requests(arguments)
    elif verb == "endure":
        result = endure(int(arguments[0]))
    else:
        result = fill(int(arguments[0]))
    print(json.dumps(result))
