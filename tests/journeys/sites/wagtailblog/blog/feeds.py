from django.contrib.syndication.views import Feed

from .models import BlogPage


class LatestPostsFeed(Feed):
    title = "Field Notes"
    link = "/"
    description = "The latest posts."

    def items(self):
        return BlogPage.objects.live().order_by("-first_published_at")[:20]

    def item_link(self, item):
        return item.get_full_url()

    def item_description(self, item):
        return item.intro

    def item_pubdate(self, item):
        return item.first_published_at

    def item_author_name(self, item):
        return ", ".join(author.name for author in item.authors.all())

    def item_categories(self, item):
        return [item.category.name, *(tag.name for tag in item.tags.all())]
