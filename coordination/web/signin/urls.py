"""The addresses below /accounts/: allauth's, without those that nobody here needs."""

from __future__ import annotations

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from coordination.web.landing import not_found

# Nobody signs up, proves an e-mail address or links accounts by hand; who manages people sets passwords anew.
UNUSED = r"^(?:signup|email|confirm-email|password/reset|password/set|login/code|social|3rdparty/signup)/"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="mfa_index")),
    re_path(UNUSED, not_found),
    path("3rdparty/", not_found),
    path("", include("allauth.urls")),
]
