"""The addresses of every kind. Fixed ones first: the plural of a kind fits nearly everything."""

from django.urls import path

from comity.web import bulk, finding, record, registers, writing

app_name = "web"

urlpatterns = [
    path("search/", finding.find, name="search"),
    path("palette/", finding.palette, name="palette"),
    path("pinned/", finding.pinned, name="pinned"),
    path("lookup/<slug:name>/", finding.lookup, name="lookup"),
    path("preferences/", finding.preferences, name="preferences"),
    path("bulk/", bulk.runs, name="bulk_runs"),
    path("bulk/<int:pk>/", bulk.show, name="bulk_run"),
    path("bulk/<int:pk>/act/", bulk.steer, name="bulk_act"),
    path("<slug:plural>/", registers.show, name="register"),
    path("<slug:plural>/new/", writing.new, name="new"),
    path("<slug:plural>/export/", registers.take_out, name="export"),
    path("<slug:plural>/bulk/", bulk.ask, name="bulk"),
    path("<slug:plural>/views/", registers.views, name="views"),
    path("<slug:plural>/<str:ref>/", record.show, name="record"),
    path("<slug:plural>/<str:ref>/edit/", writing.edit, name="edit"),
    path("<slug:plural>/<str:ref>/post/", writing.post, name="post"),
    path("<slug:plural>/<str:ref>/follow/", writing.follow, name="follow"),
    path("<slug:plural>/<str:ref>/link/", writing.link, name="link"),
    path("<slug:plural>/<str:ref>/files/<uuid:pk>/", record.file, name="file"),
    path("<slug:plural>/<str:ref>/<slug:name>/", writing.step, name="step"),
]
