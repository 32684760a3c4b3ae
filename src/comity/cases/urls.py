"""The addresses of the desk's own pages."""

from django.urls import path

from comity.cases import letters, results, views

app_name = "cases"
urlpatterns = [
    path("cases/intake/", views.intake, name="intake"),
    path("cases/results/", results.show, name="results"),
    path("cases/definition/", views.definition, name="definition"),
    path("cases/<str:case>/why/<slug:clock>/", views.why, name="why"),
    path("cases/<str:case>/split/", views.derive, {"how": "split"}, name="split"),
    path("cases/<str:case>/follow-up/", views.derive, {"how": "follow_up"}, name="follow_up"),
    path("cases/<str:case>/compare/", views.compare, name="compare"),
    path("cases/<str:case>/letter/<str:communication>/", letters.show, name="letter"),
    path("cases/<str:case>/letter/<str:communication>/pdf/", letters.as_pdf, name="letter_pdf"),
]
