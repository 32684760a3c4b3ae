"""The addresses of imports, of the ledger of mail, and of the public door."""

from django.urls import path

from comity.intake import pages
from comity.intake.mail import pages as mail
from comity.intake.public import desk, survey
from comity.intake.public import pages as public

app_name = "intake"
urlpatterns = [
    path("imports/", pages.imports, name="imports"),
    path("imports/<int:pk>/", pages.show, name="import"),
    path("imports/<int:pk>/act/", pages.act, name="act"),
    path("imports/<int:pk>/remarks.csv", pages.remarks, name="remarks"),
    path("mail/", mail.listed, name="mail"),
    path("mail/held/", mail.act_on_held, name="mail_held"),
    path("mail/<int:pk>/act/", mail.act, name="mail_act"),
    path("mail/<int:pk>/original/", mail.original, name="mail_original"),
    path("complain/", public.complain, name="complain"),
    path("complain/<slug:address>/", public.complain, name="public_form"),
    path("complain/track/<str:secret>/", public.track, name="track"),
    path("complain/track/<str:secret>/files/<uuid:pk>/", public.track_file, name="track_file"),
    path("complain/track/<str:secret>/<slug:name>/", public.track, name="track_step"),
    path("answer/<str:secret>/", survey.show, name="answer"),
    path("answer/<str:secret>/stop/", survey.show, {"deed": survey.STOP}, name="answer_stop"),
    path("cases/<str:case>/tracking/<int:pk>/revoke/", desk.revoke, name="revoke_tracking"),
]
