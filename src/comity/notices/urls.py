"""The addresses of the room."""

from django.urls import path

from comity.notices.pages import inbox

app_name = "notices"
urlpatterns = [
    path("notifications/", inbox.inbox, name="inbox"),
    path("notifications/bell/", inbox.bell, name="bell"),
    path("notifications/read/", inbox.read, name="read"),
    path("notifications/settings/", inbox.wishes, name="settings"),
    path("notifications/<int:pk>/", inbox.opened, name="opened"),
]
