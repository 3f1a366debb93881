from django.urls import path, re_path

from endurance import secrets, views

urlpatterns = [
    path("same/<int:count>/", views.same),
    path("distinct/<int:count>/", views.distinct),
    path("lazy/<int:count>/", views.lazy),
    path("sites/<int:count>/", views.sites),
    path("rows/<int:count>/", views.rows),
    path("statement/<int:size>/", views.statement),
    path("varied/<slug:name>/", views.varied),
    path("login/", secrets.log_in),
    path("reset/<uidb64>/<token>/", secrets.echo),
    re_path(r"^magic/([^/]+)/$", secrets.echo),
    path("files/<path:token>/", secrets.echo),
    path("hooks/110201543AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/", secrets.echo),
    path("search/", secrets.echo),
    path("pay/", secrets.echo),
    path("pay/<slug:number>/", secrets.echo),
    path("sql/", secrets.sql),
    path("boom/", secrets.boom),
]
