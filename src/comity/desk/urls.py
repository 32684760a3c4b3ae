"""The addresses of the desk."""

from django.urls import path

from comity.desk import pages

app_name = "desk"
urlpatterns = [
    path("<slug:plural>/<str:ref>/here/", pages.here, name="here"),
    path("<slug:plural>/<str:ref>/points/", pages.points, name="points"),
]
