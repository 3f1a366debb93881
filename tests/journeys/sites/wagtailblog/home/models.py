from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from blog.models import BlogPage


class HomePage(Page):
    body = RichTextField(blank=True)

    content_panels = [*Page.content_panels, FieldPanel("body")]

    def get_context(self, request):
        context = super().get_context(request)
        posts = BlogPage.objects.live().descendant_of(self)
        context["latest_posts"] = posts.order_by("-first_published_at")[:12]
        return context


class SectionPage(Page):
    """A plain page that lists whatever lies below it."""

    intro = models.CharField(max_length=250, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]

    def get_context(self, request):
        context = super().get_context(request)
        context["children"] = self.get_children().live().order_by("title")
        return context
