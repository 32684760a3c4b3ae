"""The addresses of results."""

from django.urls import path

from comity.satisfaction import views

app_name = "satisfaction"
urlpatterns = [
    path("surveys/<str:survey>/results/", views.results, name="results"),
    path("surveys/<str:survey>/results/pdf/", views.results_pdf, name="results_pdf"),
    path("surveys/<str:survey>/results/workbook/", views.results_workbook, name="results_workbook"),
    path("surveys/<str:survey>/redraw/", views.redraw, name="redraw"),
]
