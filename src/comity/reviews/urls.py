"""The addresses of the analysis."""

from django.urls import path

from comity.reviews import views

app_name = "reviews"
urlpatterns = [
    path("analysis/", views.analysis, name="analysis"),
    path("analysis/pdf/", views.analysis_pdf, name="analysis_pdf"),
    path("analysis/workbook/", views.analysis_workbook, name="analysis_workbook"),
    path("reviews/<str:review>/paper/", views.review_pdf, name="review_pdf"),
    path("reviews/<str:review>/workbook/", views.review_workbook, name="review_workbook"),
]
