"""Escala's agent: the Python half, which wires Django to the native half.

It is loaded by ``bootstrap/sitecustomize.py`` in every Python that ``escala run`` starts, and does nothing until
Django is imported. Start reading at ``arm.py``.
"""
