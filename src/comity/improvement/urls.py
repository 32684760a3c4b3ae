"""The addresses of this room."""

from django.urls import path

from comity.improvement import views

app_name = "improvement"
urlpatterns = [path("improvement/", views.overview, name="overview")]
