"""The address of the first page."""

from django.urls import include, path

from comity.home import feeds, pages

app_name = "home"
urlpatterns = [
    path("", pages.my_work, name="my_work"),
    path("calendar/<str:secret>.ics", feeds.calendar, name="calendar_feed"),
    path("settings/", include("comity.home.administration.urls")),
]
