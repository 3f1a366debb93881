"""Fills the site as continuous integration would: builds, with test runs that the site itself takes in."""

import json
import random
from datetime import datetime, timedelta, timezone

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from squad.ci.models import Backend, TestJob
from squad.core.models import (
    Annotation, AdminSubscription, Build, EmailTemplate, Group, GroupMember, KnownIssue, MetricThreshold, PatchSource,
    Subscription, SuiteMetadata,
)
from squad.core.tasks import ReceiveTestRun

FIRST_DAY = datetime(2024, 3, 1, 9, tzinfo=timezone.utc)
ENVIRONMENTS = ("arm64", "armv7", "riscv64", "x86")
SUITES = ("boot", "kselftest", "ltp-syscalls", "network")
TESTS = tuple(f"case-{number}" for number in range(6))
METRICS = ("binary-size", "latency", "throughput")


class Command(BaseCommand):
    help = "Fills an empty site."

    def handle(self, *args, **options):
        random.seed(7)
        staff = User.objects.create_superuser("staff", "staff@example.com", "staff")
        users = [User.objects.create_user(f"member{number}", f"member{number}@example.com") for number in range(6)]
        backends = [
            Backend.objects.create(name=f"lab-{number}", url=f"https://lab{number}.example.com/RPC2", implementation_type="fake")
            for number in range(3)
        ]
        template = EmailTemplate.objects.create(name="short", subject="Results", plain_text="See the site.")
        for number in range(3):
            PatchSource.objects.create(name=f"gerrit-{number}", username="bot", url="https://review.example.com")
        for name in ("kernel", "toolchain", "userland"):
            group = Group.objects.create(slug=name, name=name.title())
            for user in [staff, *users]:
                GroupMember.objects.create(group=group, user=user, access="admin")
            for branch in ("mainline", "stable"):
                self._project(group, branch, staff, users, backends, template)

    def _project(self, group, branch, staff, users, backends, template):
        project = group.projects.create(slug=branch, name=branch.title(), custom_email_template=template)
        for user in [staff, *users[:3]]:
            Subscription.objects.create(project=project, user=user)
        AdminSubscription.objects.create(project=project, email="admin@example.com")
        for number in range(6):
            self._build(project, number, backends)
        environments = list(project.environments.all())
        for number in range(5):
            issue = KnownIssue.objects.create(title=f"issue {number}", test_name=f"{SUITES[number % 4]}/case-{number}")
            issue.environments.set(environments)
        for environment in environments:
            MetricThreshold.objects.create(project=project, environment=environment, name="speed/latency", value=900)
        for metadata in SuiteMetadata.objects.all():
            metadata.description = f"About {metadata.name}"
            metadata.save()

    def _build(self, project, number, backends):
        version = f"v{number + 1}.0"
        when = FIRST_DAY + timedelta(days=number)
        Build.objects.create(project=project, version=version, datetime=when)
        for at, environment in enumerate(ENVIRONMENTS):
            job_id = f"{project.id}-{number}-{at}"
            tests = {f"{suite}/{test}": random.choice(("pass", "pass", "fail", "skip")) for suite in SUITES for test in TESTS}
            metrics = {f"speed/{metric}": random.randint(100, 999) for metric in METRICS}
            ReceiveTestRun(project)(
                version,
                environment,
                metadata_file=json.dumps({"job_id": job_id, "datetime": when.isoformat(), "kernel": version}),
                tests_file=json.dumps(tests),
                metrics_file=json.dumps(metrics),
            )
            run = project.builds.get(version=version).test_runs.get(job_id=job_id)
            run.attachments.create(filename="boot.txt", length=12, mimetype="text/plain")
            parent = None
            for attempt in range(2):
                parent = TestJob.objects.create(
                    backend=backends[at % len(backends)], testrun=run, target=project, target_build=run.build,
                    environment=environment, name=f"boot {environment}", submitted=True, fetched=True, submitted_at=when,
                    fetched_at=when, job_id=f"{job_id}-{attempt}", job_status="Complete", parent_job=parent,
                    definition="steps: []",
                )
        Annotation.objects.create(build=project.builds.get(version=version), description=f"Release {version}")
