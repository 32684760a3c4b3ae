"""The addresses of articles for everybody, and of the desk's side of them."""

from django.urls import path

from comity.knowledge import pages

app_name = "knowledge"
urlpatterns = [
    path("help/", pages.help_all, name="help"),
    path("help/<str:ref>/", pages.help_one, name="help_one"),
    path("knowledge/feedback/", pages.feedback, name="feedback"),
    path("knowledge/feedback/<int:pk>/settle/", pages.settle, name="settle"),
    path("<slug:plural>/<str:ref>/use-article/", pages.use, name="use"),
]
