"""Below /settings/."""

from django.urls import path

from comity.home.administration.pages import auditors, calendars, index, jobs, letterhead, parameters, terms, trail

urlpatterns = [
    path("", index.show, name="settings"),
    path("calendars/", calendars.listed, name="calendars"),
    path("calendars/new/", calendars.edit, name="calendar_new"),
    path("calendars/<int:pk>/", calendars.show, name="calendar"),
    path("calendars/<int:pk>/edit/", calendars.edit, name="calendar_edit"),
    path("calendars/<int:pk>/put-away/", calendars.put_away, name="calendar_put_away"),
    path("calendars/<int:pk>/days/", calendars.day_new, name="calendar_day_new"),
    path("calendars/<int:pk>/days/<int:day>/remove/", calendars.day_remove, name="calendar_day_remove"),
    path("calendars/<int:pk>/fill/", calendars.fill, name="calendar_fill"),
    path("parameters/", parameters.listed, name="parameters"),
    path("parameters/<slug:name>/", parameters.show, name="parameter"),
    path("parameters/<slug:name>/decide/", parameters.decide, name="parameter_decide"),
    path("lists/", terms.listed, name="lists"),
    path("lists/<slug:name>/", terms.show, name="list"),
    path("lists/<slug:name>/add/", terms.add, name="list_add"),
    path("letterhead/", letterhead.show, name="letterhead"),
    path("jobs/", jobs.listed, name="jobs"),
    path("jobs/<int:pk>/", jobs.act, name="job_act"),
    path("auditors/", auditors.listed, name="auditors"),
    path("auditors/<int:pk>/close/", auditors.close, name="auditor_close"),
    path("trail/", trail.show, name="trail"),
    path("trail/verify/", trail.verify, name="trail_verify"),
]
