"""The addresses below /accounts/: allauth's, without those that nobody here needs."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from coordination.web.landing import not_found

# Nobody signs up or proves an e-mail address; forgotten passwords are set anew by those who manage people.
UNUSED = r"^(signup|email|confirm-email|password/reset|password/set|login/code|social|3rdparty/signup)/"
UNUSED_WITHOUT_OIDC = r"^(3rdparty|oidc)/"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="mfa_index")),
    re_path(UNUSED, not_found),
    *([] if settings.OIDC_ISSUER else [re_path(UNUSED_WITHOUT_OIDC, not_found)]),
    path("", include("allauth.urls")),
]
