"""Below /accounts/: sign-in, one's own account, administration of people. Addresses are kept by administrators."""

from django.urls import include, path

from comity.accounts import links, pages, provider

urlpatterns = [
    path("email/", pages.me),  # instead of the library's page on which people change their address
    path("oidc/<str:provider_id>/login/", provider.login),
    path("oidc/<str:provider_id>/login/callback/", provider.callback),
    path("", include("allauth.urls")),
    path("me/", pages.me, name="me"),
    path("link/", links.ask, name="sign_in_link"),
    path("link/<str:token>/", links.enter, name="sign_in_by_link"),
    path("act-as/", pages.act_as, name="act_as"),
    path("tokens/", pages.token_new, name="token_new"),
    path("calendar/", pages.calendar_new, name="calendar_new"),
    path("tokens/<int:pk>/revoke/", pages.token_revoke, name="token_revoke"),
    path("people/", pages.people, name="people"),
    path("people/new/", pages.person, name="person_new"),
    path("people/<int:pk>/", pages.person, name="person"),
    path("people/<int:pk>/active/", pages.person_active, name="person_active"),
    path("people/<int:pk>/grants/", pages.grant_new, name="grant_new"),
    path("grants/<int:pk>/revoke/", pages.grant_revoke, name="grant_revoke"),
    path("units/", pages.units, name="units"),
    path("units/<int:pk>/", pages.units, name="unit"),
]
