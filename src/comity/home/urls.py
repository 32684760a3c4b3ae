"""The address of the first page."""

from django.urls import include, path

from comity.home import pages

app_name = "home"
urlpatterns = [path("", pages.my_work, name="my_work"), path("settings/", include("comity.home.administration.urls"))]
