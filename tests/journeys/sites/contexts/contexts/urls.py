from django.urls import path

from contexts import plans, views

urlpatterns = [
    path("sync/", views.sync_view),
    path("async/", views.async_view),
    path("stream/", views.stream),
    path("async-stream/", views.async_stream),
    path("endless-stream/", views.endless_stream),
    path("endless-async-stream/", views.endless_async_stream),
    path("nested/", views.nested),
    path("async-nested/", views.async_nested),
    path("threads/", views.threads),
    path("command/", views.command),
    path("fork/<slug:way>/", views.fork),
    path("pid/", views.pid),
    path("leave/", views.leave),
    path("slow/", views.slow),
    path("storm/", views.storm),
    path("large/", views.large),
    path("elsewhere/", views.elsewhere),
]
# Each plan has a route of its own, so that the report counts its queries apart.
for plan in range(plans.NUMBER):
    urlpatterns.append(path(f"thread/{plan}/", plans.thread, {"plan": plan}))
    urlpatterns.append(path(f"task/{plan}/", plans.task, {"plan": plan}))
