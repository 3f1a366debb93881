from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from blog import views as blog_views
from blog.api import api_router
from blog.feeds import LatestPostsFeed
from search import views as search_views

urlpatterns = [
    path("django-admin/", admin.site.urls),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v2/", api_router.urls),
    path("search/", search_views.search, name="search"),
    path("authors/", blog_views.AuthorListView.as_view(), name="authors"),
    path("authors/<int:pk>/", blog_views.AuthorDetailView.as_view(), name="author"),
    path("archive/", blog_views.archive, name="archive"),
    path("feed/", LatestPostsFeed(), name="feed"),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", include(wagtail_urls)),
]
