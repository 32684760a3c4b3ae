"""The addresses of the room."""

from django.urls import include, path

from comity.notices.pages import broadcasts, inbox, texts, writing

app_name = "notices"
urlpatterns = [
    path("settings/webhooks/", include("comity.notices.webhooks.urls")),
    path("notifications/", inbox.inbox, name="inbox"),
    path("notifications/bell/", inbox.bell, name="bell"),
    path("notifications/read/", inbox.read, name="read"),
    path("notifications/settings/", inbox.wishes, name="settings"),
    path("notifications/<int:pk>/", inbox.opened, name="opened"),
    path("notices/", broadcasts.listed, name="broadcasts"),
    path("notices/new/", broadcasts.new, name="broadcast_new"),
    path("notices/<int:pk>/", broadcasts.show, name="broadcast"),
    path("opt-out/<str:token>/", broadcasts.opt_out, name="opt_out"),
    path("templates/texts/", texts.overview, name="texts"),
    path("<slug:plural>/<str:ref>/test/", texts.test, name="test"),
    path("<slug:plural>/<str:ref>/texts/", writing.texts_to_insert, name="texts_to_insert"),
    path("<slug:plural>/<str:ref>/write/", writing.write_mail, name="write"),
]
