"""Two sites of a root and thirty pages each, and redirects to half of the pages."""

from django.core.management.base import BaseCommand
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

PAGES = 30


class Command(BaseCommand):
    help = __doc__

    def handle(self, *arguments, **options):
        Site.objects.all().delete()
        root = Page.objects.get(depth=1)
        for name in ("north", "south"):
            home = root.add_child(instance=Page(title=f"Home of {name}", slug=name))
            site = Site.objects.create(
                hostname=f"{name}.localhost", root_page=home, is_default_site=name == "north", site_name=name
            )
            for number in range(PAGES):
                page = home.add_child(instance=Page(title=f"Page {number}", slug=f"page-{number:02}"))
                if number % 2:
                    Redirect.objects.create(old_path=f"/old-{number:02}", site=site, redirect_page=page)
            Redirect.objects.create(old_path="/elsewhere", site=site, redirect_link="https://example.com/")
