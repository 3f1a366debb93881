"""Escala's agent: the Python half, which wires Django to the native half.

Imported where ``escala run`` says so in the environment, it starts by itself: by ``bootstrap/sitecustomize.py``, or
by what ``escala agent install`` wrote. A server that cleans its environment calls ``escala_agent.start()``. It does
nothing until Django is imported. Start reading at ``launch.py``, then ``arm.py``.

The syntax of this file and of ``launch.py`` is old, so that an old interpreter gets a clear line.
"""

import os

from escala_agent import launch


def start(store=None):
    """Observe this process for the ``escala run`` that is at work on this project; without one, do nothing.

    Call it before Django's models are loaded: in ``wsgi.py``, ``asgi.py`` or ``manage.py``, first of all. ``store`` is
    the directory that ``escala run`` was given as ``--store``; by default it is the nearest ``.escala``, in the
    current directory or above it.
    """
    launch.start(store, asked_for=True)


if os.environ.get("ESCALA_SOCKET"):
    launch.start()
