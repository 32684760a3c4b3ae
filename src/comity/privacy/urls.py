"""The addresses of an erasure: its preview, and the certificate of it."""

from django.urls import path

from comity.privacy import pages

app_name = "privacy"
urlpatterns = [
    path("data-subject-requests/<str:asked>/erasure/", pages.preview, name="preview"),
    path("data-subject-requests/<str:asked>/certificate/", pages.certificate, name="certificate"),
]
