"""The addresses of live compliance. Fixed ones first: a standard's code fits nearly everything."""

from django.urls import path

from comity.compliance.pages import board, changed, requirement, standard

app_name = "compliance"
urlpatterns = [
    path("compliance/", board.show, name="board"),
    path("compliance/compute/", board.compute, name="compute"),
    path("compliance/progress/", board.progress, name="progress"),
    path("compliance/changes/", changed.show, name="changes"),
    # assessments, worksheets and packs: their addresses stand here, before those of standards
    path("compliance/<str:standard>/", standard.show, name="standard"),
    path("compliance/<str:standard>/export/", standard.take_out, name="export"),
    path("compliance/<str:standard>/<str:name>/", requirement.show, name="requirement"),
    path("compliance/<str:standard>/<str:name>/records/", requirement.members, name="members"),
]
