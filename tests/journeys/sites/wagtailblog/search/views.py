from django.core.paginator import Paginator
from django.template.response import TemplateResponse

from blog.models import BlogPage


def search(request):
    query = request.GET.get("query", "")
    results = (
        BlogPage.objects.live().search(query) if query else BlogPage.objects.none()
    )
    page = Paginator(results, 10).get_page(request.GET.get("page"))
    return TemplateResponse(
        request, "search/search.html", {"query": query, "results": page}
    )
