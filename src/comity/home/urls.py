"""The address of the first page."""

from django.urls import path

from comity.home import pages

app_name = "home"
urlpatterns = [path("", pages.my_work, name="my_work")]
