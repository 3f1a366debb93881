from django.http import HttpResponse


def answer(values):
    """One value a line."""
    return HttpResponse("\n".join(str(value) for value in values), content_type="text/plain")
