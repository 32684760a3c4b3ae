"""Below /settings/webhooks/."""

from django.urls import path

from comity.notices.webhooks import pages

urlpatterns = [
    path("", pages.listed, name="webhooks"),
    path("new/", pages.edit, name="webhook_new"),
    path("<int:pk>/", pages.show, name="webhook"),
    path("<int:pk>/edit/", pages.edit, name="webhook_edit"),
    path("<int:pk>/act/", pages.act, name="webhook_act"),
    path("<int:pk>/answer/", pages.answer, name="webhook_answer"),
    path("<int:pk>/retry/<uuid:delivery>/", pages.retry, name="webhook_retry"),
]
