"""Fills an empty helpdesk with the same queues, tickets and answers every time."""

import datetime
import random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.sites.models import Site
from django.core.management.base import BaseCommand
from django.db import transaction
from helpdesk.models import (
    CustomField,
    FollowUp,
    KBCategory,
    KBItem,
    Queue,
    Ticket,
    TicketCC,
    TicketChange,
    TicketCustomFieldValue,
    UserSettings,
)

STAFF_USERNAME = "staff"
STAFF_PASSWORD = "support-desk-staff"

OPENING = datetime.datetime(2024, 3, 1, 9, tzinfo=datetime.timezone.utc)
QUEUES = ["Billing", "Delivery", "Returns", "Website", "Wholesale", "Other"]
TOPICS = ["Invoice", "Parcel", "Password", "Refund", "Voucher", "Address"]
AGENTS = 8
TICKETS = 80


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        if User.objects.exists():
            self.stdout.write("The desk is already seeded.")
            return
        with transaction.atomic():
            self.fill()
        self.stdout.write(
            f"Seeded {Ticket.objects.count()} tickets."
            f" Staff login: {STAFF_USERNAME} / {STAFF_PASSWORD}"
        )

    def fill(self):
        self.random = random.Random(20240301)
        Site.objects.update(domain="desk.example", name="Support desk")
        self.create_people()
        self.create_queues()
        self.create_tickets()
        self.create_answers()

    def create_people(self):
        self.staff = User.objects.create(
            username=STAFF_USERNAME,
            email="staff@example.com",
            first_name="Sam",
            last_name="Staffer",
            password=make_password(STAFF_PASSWORD, salt="supportdesk"),
            is_staff=True,
            is_superuser=True,
            date_joined=OPENING,
        )
        self.agents = [self.staff]
        for number in range(1, AGENTS + 1):
            self.agents.append(
                User.objects.create(
                    username=f"agent{number}",
                    email=f"agent{number}@example.com",
                    first_name=f"Agent {number}",
                    password="!",
                    is_staff=True,
                    date_joined=OPENING,
                )
            )
        for agent in self.agents:
            UserSettings.objects.get_or_create(user=agent)

    def create_queues(self):
        self.queues, self.articles = [], []
        for title in QUEUES:
            queue = Queue.objects.create(
                title=title,
                slug=title.lower(),
                allow_public_submission=True,
                default_owner=self.random.choice(self.agents),
            )
            self.queues.append(queue)
            category = KBCategory.objects.create(
                name=title,
                title=f"{title} questions",
                slug=title.lower(),
                description=f"What people ask about {title.lower()}.",
                queue=queue,
            )
            for number in range(1, 6):
                self.articles.append(
                    KBItem.objects.create(
                        category=category,
                        title=f"{title} article {number}",
                        question="How does it work?",
                        answer="Like this.",
                        last_updated=OPENING,
                    )
                )
        self.fields = [
            CustomField.objects.create(
                name=name,
                label=name.title(),
                data_type="varchar",
                max_length=50,
                ordering=order,
            )
            for order, name in enumerate(["customer", "region", "channel"])
        ]

    def create_tickets(self):
        statuses = [Ticket.OPEN_STATUS, Ticket.REOPENED_STATUS, Ticket.RESOLVED_STATUS]
        Ticket.objects.bulk_create(
            Ticket(
                title=f"{self.random.choice(TOPICS)} question {number}",
                queue=self.random.choice(self.queues),
                submitter_email="staff@example.com"
                if number % 4 == 0
                else f"visitor{number}@example.com",
                assigned_to=self.random.choice(self.agents) if number % 5 else None,
                status=statuses[number % len(statuses)],
                description="Please help.",
                priority=self.random.randrange(1, 6),
                kbitem=self.random.choice(self.articles) if number % 3 else None,
                secret_key=f"{number:036}",
            )
            for number in range(1, TICKETS + 1)
        )
        self.tickets = list(Ticket.objects.order_by("pk"))
        for number, ticket in enumerate(self.tickets):
            ticket.created = OPENING + datetime.timedelta(hours=7 * number)
            ticket.modified = ticket.created
            ticket.due_date = ticket.created + datetime.timedelta(days=10)
        Ticket.objects.bulk_update(self.tickets, ["created", "modified", "due_date"])
        TicketCustomFieldValue.objects.bulk_create(
            TicketCustomFieldValue(
                ticket=ticket, field=field, value=f"{field.name} value"
            )
            for ticket in self.tickets
            for field in self.fields[: ticket.pk % 4]
        )
        TicketCC.objects.bulk_create(
            TicketCC(ticket=ticket, user=agent, can_view=True)
            for ticket in self.tickets
            for agent in self.random.sample(self.agents, self.random.randrange(3))
        )

    def create_answers(self):
        FollowUp.objects.bulk_create(
            FollowUp(
                ticket=ticket,
                date=ticket.created + datetime.timedelta(hours=number),
                title="Answered",
                comment=f"Answer {number} to ticket {ticket.pk}.",
                public=number % 2 == 0,
                user=self.random.choice(self.agents),
                time_spent=datetime.timedelta(minutes=5 * number),
            )
            for ticket in self.tickets
            for number in range(1, self.random.randrange(2, 6))
        )
        TicketChange.objects.bulk_create(
            TicketChange(
                followup=followup, field="Priority", old_value="3", new_value="2"
            )
            for followup in FollowUp.objects.order_by("pk")[::3]
        )
