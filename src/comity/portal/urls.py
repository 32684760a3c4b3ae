"""The addresses of the portal, and those with which the desk lets contacts in."""

from django.urls import path

from comity.portal import claims, desk, own, pages, raising, reviews

app_name = "portal"
urlpatterns = [
    path("portal/", pages.home, name="home"),
    path("portal/cases/", pages.cases, name="cases"),
    path("portal/cases/new/", raising.raise_case, name="raise"),
    path("portal/forms/<slug:address>/", raising.raise_case, name="form"),
    path("portal/cases/<str:ref>/", pages.case, name="case"),
    path("portal/cases/<str:ref>/files/<uuid:pk>/", pages.file, name="file"),
    path("portal/cases/<str:ref>/letters/<str:communication>/pdf/", pages.letter, name="letter"),
    path("portal/cases/<str:ref>/<slug:name>/", pages.case, name="step"),
    path("portal/agreements/", pages.agreements, name="agreements"),
    path("portal/agreements/<str:target>/claim/", claims.file_claim, name="file_claim"),
    path("portal/claims/<str:ref>/", claims.claim, name="claim"),
    path("portal/claims/<str:ref>/message/", claims.claim, {"name": "message"}, name="claim_message"),
    path("portal/claims/<str:ref>/files/<uuid:pk>/", claims.file, name="claim_file"),
    path("portal/reviews/", reviews.reviews, name="reviews"),
    path("portal/reviews/<str:ref>/", reviews.review, name="review"),
    path("portal/reviews/<str:ref>/<slug:name>/", reviews.review, name="review_answer"),
    path("portal/contacts/", pages.contacts, name="contacts"),
    path("portal/me/", pages.me, name="me"),
    path("portal/me/data/", own.ask, name="ask_data"),
    path("portal/me/erasure/", own.erase, name="ask_erasure"),
    path("portal/me/data/<int:pk>/", own.fetch, name="fetch_data"),
    path("contacts/<str:contact>/invite/", desk.invite, name="invite"),
    path("contacts/<str:contact>/withdraw-access/", desk.withdraw, name="withdraw"),
]
