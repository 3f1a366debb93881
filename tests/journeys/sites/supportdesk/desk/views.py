from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import ListView
from helpdesk.models import FollowUp, Queue, Ticket

from .reports import open_tickets, ticket_summary


class QueueOverview(LoginRequiredMixin, ListView):
    model = Queue
    template_name = "desk/queue_overview.html"
    context_object_name = "queues"


@login_required
def activity(request):
    followups = FollowUp.objects.order_by("-date", "-pk")[:50]
    return render(request, "desk/activity.html", {"followups": followups})


@login_required
def agent(request, username):
    user = get_object_or_404(get_user_model(), username=username)
    tickets = Ticket.objects.filter(assigned_to=user).order_by("priority", "id")
    return render(request, "desk/agent.html", {"agent": user, "tickets": tickets})


@login_required
def export_tickets(request):
    tickets = open_tickets()
    return JsonResponse({"tickets": [ticket_summary(ticket) for ticket in tickets]})
