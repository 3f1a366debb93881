"""Fills an empty site with the same sections, posts and images every time."""

import datetime
import random
from io import BytesIO

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.files.images import ImageFile
from django.core.management.base import BaseCommand
from django.db import transaction
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import ModelLogEntry, Page, PageLogEntry, Revision, Site

from blog.models import (
    Author,
    BlogCategory,
    BlogIndexPage,
    BlogPage,
    BlogPageGalleryImage,
    BlogTagIndexPage,
    Comment,
)
from home.models import HomePage, SectionPage

STAFF_USERNAME = "staff"
STAFF_PASSWORD = "field-notes-staff"

OPENING = datetime.datetime(2024, 3, 1, 9, tzinfo=datetime.timezone.utc)
AUTHORS = ["Ada Blum", "Bruno Costa", "Chiara Dahl", "Dmitri Engel", "Elif Fontaine"]
CATEGORIES = ["Birds", "Rivers", "Mountains", "Gardens", "Insects", "Weather"]
TAGS = ["spring", "summer", "autumn", "winter", "walking", "drawing", "night"]
PLACES = ["Harbour", "Lantern Hill", "Meadow", "Orchard", "River Bend", "Summit"]
MOODS = ["A quiet day at", "Early morning in", "Lost near", "Notes from", "Return to"]

POSTS = 40
GUIDES = 15
IMAGES = 12
COMMENTERS = 10


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        if User.objects.exists():
            self.stdout.write("The site is already seeded.")
            return
        with transaction.atomic():
            self.fill()
        self.stdout.write(
            f"Seeded {BlogPage.objects.count()} posts."
            f" Staff login: {STAFF_USERNAME} / {STAFF_PASSWORD}"
        )

    def fill(self):
        self.random = random.Random(20240301)
        self.create_people()
        self.images = [self.create_image(number) for number in range(IMAGES)]
        self.create_authors()
        home = self.create_tree()
        self.create_posts(home)
        self.fix_dates()

    def create_people(self):
        self.staff = User.objects.create(
            username=STAFF_USERNAME,
            email="staff@example.com",
            first_name="Sam",
            last_name="Staffer",
            password=make_password(STAFF_PASSWORD, salt="fieldnotes"),
            is_staff=True,
            is_superuser=True,
            date_joined=OPENING,
        )
        User.objects.bulk_create(
            User(
                username=f"reader{number}",
                first_name=f"Reader {number}",
                password="!",
                date_joined=OPENING,
            )
            for number in range(1, COMMENTERS + 1)
        )
        self.readers = list(User.objects.filter(is_staff=False).order_by("pk"))

    def create_image(self, number):
        content = BytesIO()
        colour = ((number * 37) % 256, (number * 91) % 256, (number * 53) % 256)
        Picture.new("RGB", (640, 480), colour).save(content, "PNG")
        return Image.objects.create(
            title=f"Photograph {number + 1}",
            file=ImageFile(content, name=f"photograph-{number + 1}.png"),
            uploaded_by_user=self.staff,
        )

    def create_authors(self):
        self.authors = [
            Author.objects.create(
                name=name, author_image=self.random.choice(self.images)
            )
            for name in AUTHORS
        ]
        self.categories = [
            BlogCategory.objects.create(
                name=name, editor=self.random.choice(self.authors)
            )
            for name in CATEGORIES
        ]

    def create_tree(self):
        root = Page.objects.get(depth=1)
        welcome = root.get_children().get()
        home = root.add_child(
            instance=HomePage(
                title="Field Notes",
                slug="field-notes",
                body="<p>What we saw outside.</p>",
                owner=self.staff,
            )
        )
        Site.objects.update(root_page=home, site_name="Field Notes")
        welcome.delete()
        guides = home.add_child(
            instance=SectionPage(
                title="Guides",
                intro="How we do it.",
                show_in_menus=True,
                owner=self.staff,
            )
        )
        for number in range(1, GUIDES + 1):
            guides.add_child(
                instance=SectionPage(
                    title=f"Guide {number:02}",
                    intro=f"Guide number {number} in short.",
                    show_in_menus=number <= 3,
                    owner=self.random.choice(self.readers),
                )
            )
        home.add_child(
            instance=BlogTagIndexPage(title="Tags", slug="tags", owner=self.staff)
        )
        return home

    def create_posts(self, home):
        blog = home.add_child(
            instance=BlogIndexPage(
                title="Blog",
                slug="blog",
                intro="<p>All our posts.</p>",
                show_in_menus=True,
                owner=self.staff,
            )
        )
        for number in range(1, POSTS + 1):
            title = (
                f"{self.random.choice(MOODS)} {self.random.choice(PLACES)} ({number})"
            )
            day = OPENING + datetime.timedelta(days=5 * number)
            post = BlogPage(
                title=title,
                slug=f"post-{number}",
                date=day.date(),
                intro=f"{title}, in one sentence.",
                body=f"<p>{title}: what happened and what we learnt.</p>",
                category=self.random.choice(self.categories),
                owner=self.random.choice(self.readers),
                first_published_at=day,
                last_published_at=day,
            )
            post.authors = self.random.sample(self.authors, self.random.randrange(1, 4))
            post.tags.add(*self.random.sample(TAGS, 3))
            post.gallery_images = [
                BlogPageGalleryImage(image=image, caption=image.title, sort_order=order)
                for order, image in enumerate(self.random.sample(self.images, 2))
            ]
            blog.add_child(instance=post)
            if number % 3 == 0:
                post.save_revision(user=self.staff)
            Comment.objects.bulk_create(
                Comment(post=post, author=reader, text="Lovely.", created_at=day)
                for reader in self.random.sample(self.readers, self.random.randrange(5))
            )

    def fix_dates(self):
        """Timestamps that Wagtail takes from the clock, and shows in its admin."""
        Image.objects.update(created_at=OPENING)
        ModelLogEntry.objects.update(timestamp=OPENING)
        PageLogEntry.objects.update(timestamp=OPENING)
        Revision.objects.update(created_at=OPENING)
        Page.objects.filter(latest_revision_created_at__isnull=False).update(
            latest_revision_created_at=OPENING
        )
