from helpdesk.models import Ticket


def open_tickets():
    return Ticket.objects.filter(status__in=Ticket.OPEN_STATUSES).order_by(
        "-created", "id"
    )


def ticket_summary(ticket):
    followups = ticket.followup_set.all()
    return {
        "id": ticket.id,
        "title": ticket.title,
        "queue": ticket.queue.title,
        "owner": ticket.assigned_to.username if ticket.assigned_to else None,
        "answers": [
            {
                "by": followup.user.get_full_name() if followup.user else None,
                "at": followup.date,
                "text": followup.comment,
            }
            for followup in followups
        ],
    }
