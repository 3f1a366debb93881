from django.shortcuts import render
from django.views.generic import DetailView, ListView

from .models import Author, BlogPage


class AuthorListView(ListView):
    model = Author
    template_name = "blog/author_list.html"
    context_object_name = "authors"


class AuthorDetailView(DetailView):
    model = Author
    template_name = "blog/author_detail.html"
    context_object_name = "author"

    def get_context_data(self, **kwargs):
        posts = BlogPage.objects.live().filter(authors=self.object)
        return super().get_context_data(posts=posts.order_by("-date"), **kwargs)


def archive(request):
    posts = BlogPage.objects.live().order_by("-date")
    months = {}
    for post in posts:
        months.setdefault(post.date.replace(day=1), []).append(
            {
                "title": post.title,
                "url": post.get_url(request),
                "category": post.category.name,
                "editor": post.category.editor.name,
                "owner": post.owner.get_full_name(),
                "comments": post.comments.count(),
            }
        )
    return render(request, "blog/archive.html", {"months": months})
