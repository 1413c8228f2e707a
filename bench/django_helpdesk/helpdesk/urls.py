from django.conf import settings
from django.http import FileResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.cache import cache_control


@cache_control(max_age=3600)
def stylesheet(request):
    return FileResponse(open(settings.PROJECT / "static/helpdesk.css", "rb"))


def page_not_found(request, exception):
    return render(request, "404.html", status=404)


urlpatterns = [
    path("static/helpdesk.css", stylesheet, name="stylesheet"),
    path("", include("tickets.urls")),
]
handler404 = page_not_found
