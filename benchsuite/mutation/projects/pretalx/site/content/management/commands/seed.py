"""Fills the site with the conference that pretalx makes for demonstrations, and what that one leaves out."""

import random

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django_scopes import scope
from pretalx.event.models import Event, Team, TeamInvite
from pretalx.mail.models import MailTemplate, QueuedMail
from pretalx.person.models import SpeakerInformation, SpeakerProfile, User
from pretalx.submission.models import (
    Answer, AnswerOption, Feedback, Question, QuestionVariant, Resource, SubmissionComment, SubmitterAccessCode, Tag,
)


#: Letters of which pretalx makes the codes in its addresses; its own are random.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def code(prefix, number):
    return prefix + LETTERS[number // len(LETTERS)] + LETTERS[number % len(LETTERS)]


class Command(BaseCommand):
    help = "Fills an empty site."

    def handle(self, *args, **options):
        random.seed(7)
        staff = User.objects.create_superuser(email="staff@example.org", password="staff", name="Staff")
        call_command("create_test_event", seed="7", stage="schedule")
        event = Event.objects.get(slug="democon")
        with scope(event=event):
            self._settings(event, staff)
            for number, speaker in enumerate(SpeakerProfile.objects.filter(event=event).order_by("pk")):
                SpeakerProfile.objects.filter(pk=speaker.pk).update(code=code("SPEAK", number))
            self._questions(event)
            self._submissions(event, staff)
            self._mails(event)

    def _settings(self, event, staff):
        event.feature_flags["use_feedback"] = True
        event.feature_flags["show_featured"] = "always"
        event.feature_flags["use_tracks"] = True
        event.save()
        event.submission_types.update(default_duration=30)
        for name in ("Helpers", "Programme"):
            team = Team.objects.create(organiser=event.organiser, name=name, all_events=True, is_reviewer=True)
            team.members.add(staff)
            for number in range(3):
                TeamInvite.objects.create(team=team, email=f"{name.lower()}{number}@example.org")
        for number in range(6):
            code = SubmitterAccessCode.objects.create(event=event, code=f"CODE{number}")
            code.tracks.set(event.tracks.all()[:2])
            information = SpeakerInformation.objects.create(event=event, title=f"Note {number}", text="Read me.")
            information.limit_tracks.set(event.tracks.all()[:2])

    def _questions(self, event):
        for number, target in enumerate(("submission", "speaker", "submission", "reviewer")):
            variant = QuestionVariant.CHOICES if number % 2 == 0 else QuestionVariant.STRING
            question = Question.objects.create(
                event=event, question=f"Question {number}?", variant=variant, target=target, is_public=True, position=number
            )
            question.tracks.set(event.tracks.all()[:2] if number == 2 else [])
            for answer in ("yes", "no", "perhaps"):
                if variant == QuestionVariant.CHOICES:
                    AnswerOption.objects.create(question=question, answer=answer)

    def _submissions(self, event, staff):
        tags = [Tag.objects.create(event=event, tag=f"tag{number}", color="#00ff00") for number in range(4)]
        questions = list(event.questions.all())
        for number, submission in enumerate(event.submissions.all().order_by("pk")):
            submission.tags.set(tags[: number % 4])
            submission.is_featured = number % 3 == 0
            submission.code = code("TALK", number)
            submission.save()
            for at in range(2):
                Resource.objects.create(submission=submission, link=f"https://example.org/{number}/{at}", description="slides")
                SubmissionComment.objects.create(submission=submission, user=staff, text=f"Remark {at}")
                Feedback.objects.create(talk=submission, speaker=submission.speakers.first(), review=f"Fine {at}")
            for question in questions:
                target = {"submission": {"submission": submission}, "speaker": {"speaker": submission.speakers.first()}}
                if question.target not in target or number % 2:
                    continue
                answer = Answer.objects.create(question=question, answer="yes", **target[question.target])
                answer.options.set(question.options.all()[:1])

    def _mails(self, event):
        template = MailTemplate.objects.filter(event=event).first()
        for number, submission in enumerate(event.submissions.all().order_by("pk")[:20]):
            mail = QueuedMail.objects.create(event=event, template=template, subject=f"Mail {number}", text="Hello.")
            mail.to_users.set(User.objects.filter(pk__in=submission.speakers.values("user")))
            mail.submissions.add(submission)
            if number % 2:
                mail.send()
