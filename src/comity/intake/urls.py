"""The addresses of imports."""

from django.urls import path

from comity.intake import pages

app_name = "intake"
urlpatterns = [
    path("imports/", pages.imports, name="imports"),
    path("imports/<int:pk>/", pages.show, name="import"),
    path("imports/<int:pk>/act/", pages.act, name="act"),
    path("imports/<int:pk>/remarks.csv", pages.remarks, name="remarks"),
]
