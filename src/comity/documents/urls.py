"""The addresses of the pages of this room beside those that every kind has."""

from django.urls import path

from comity.documents import views

DOCUMENT, VERSION = {"plural": "documents"}, {"plural": "document-versions"}

app_name = "documents"
urlpatterns = [
    path("documents/master-list/", views.listed, name="master_list"),
    path("documents/master-list/pdf/", views.listed_on_paper, name="master_list_pdf"),
    path("documents/master-list/workbook/", views.listed_in_workbook, name="master_list_workbook"),
    path("documents/starters/", views.beginnings, name="starters"),
    path("documents/<str:ref>/next-draft/", views.draft, DOCUMENT, name="draft"),
    path("document-versions/preview/", views.preview, name="preview"),
    path("document-versions/<str:ref>/compare/", views.compare, VERSION, name="compare"),
    path("document-versions/<str:ref>/pdf/", views.on_paper, VERSION, name="pdf"),
]
