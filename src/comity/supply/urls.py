"""The addresses of the scorecard."""

from django.urls import path

from comity.supply import views

app_name = "supply"
urlpatterns = [
    path("suppliers/<str:supplier>/scorecard/", views.scorecard, name="scorecard"),
    path("suppliers/<str:supplier>/scorecard/paper/", views.scorecard_pdf, name="scorecard_pdf"),
    path("suppliers/<str:supplier>/scorecard/workbook/", views.scorecard_workbook, name="scorecard_workbook"),
]
