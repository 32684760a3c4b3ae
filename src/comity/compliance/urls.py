"""The addresses of live compliance. Fixed ones first: a standard's code fits nearly everything."""

from django.urls import path

from comity.compliance.pages import assessments, board, changed, nothing, packs, report, requirement, silent, standard

app_name = "compliance"
urlpatterns = [
    path("compliance/", board.show, name="board"),
    path("compliance/compute/", board.compute, name="compute"),
    path("compliance/progress/", board.progress, name="progress"),
    path("compliance/changes/", changed.show, name="changes"),
    path("compliance/silences/", silent.show, name="silences"),
    path("compliance/silences/look/", silent.look, name="look"),
    path("compliance/assessments/", assessments.programme_page, name="programme"),
    path("compliance/assessments/<str:name>/", assessments.sheet, name="worksheet"),
    path("compliance/assessments/<str:name>/lines/<int:pk>/", assessments.save, name="worksheet_line"),
    path("compliance/assessments/<str:name>/workbook/", assessments.take_out, name="worksheet_out"),
    path("compliance/assessments/<str:name>/load/", assessments.load, name="worksheet_load"),
    path("compliance/packs/", packs.listed, name="packs"),
    path("compliance/packs/progress/", packs.progress, name="packs_progress"),
    path("compliance/packs/differences/", packs.differences, name="packs_differences"),
    path("compliance/packs/<int:pk>/", packs.take, name="pack"),
    path("compliance/packs/<int:pk>/discard/", packs.discard, name="packs_discard"),
    path("compliance/none/<slug:plural>/<str:ref>/", nothing.say, name="none"),
    path("compliance/report/", report.take, name="report_of_all"),
    path("compliance/<str:standard>/", standard.show, name="standard"),
    path("compliance/<str:standard>/report/", report.take, name="report"),
    path("compliance/<str:standard>/export/", standard.take_out, name="export"),
    path("compliance/<str:standard>/<str:name>/", requirement.show, name="requirement"),
    path("compliance/<str:standard>/<str:name>/records/", requirement.members, name="members"),
]
