from django.contrib import admin
from django.urls import include, path

from desk import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("queues/", views.QueueOverview.as_view(), name="queue-overview"),
    path("activity/", views.activity, name="activity"),
    path("agents/<str:username>/", views.agent, name="agent"),
    path("export/tickets.json", views.export_tickets, name="export-tickets"),
    path("", include("helpdesk.urls", namespace="helpdesk")),
]
