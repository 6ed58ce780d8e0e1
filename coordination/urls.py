"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularYAMLAPIView

from aid.api import rest as aid_rest
from coordination.schema import schema
from coordination.web import directory, health, landing, sharing
from coordination.web.graphql.view import GuardedGraphQLView
from incidents.api import rest as incidents_rest

handler404 = landing.not_found
handler500 = landing.failed

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("livez", health.live, name="live"),
    path("readyz", health.ready, name="ready"),
    path("admin/", admin.site.urls),
    path("accounts/", include("coordination.web.signin.urls")),
    path("oauth/", include("coordination.web.oauth")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("docs/", landing.rest_docs, name="rest_docs"),
    path("api/v1/openapi.yaml", SpectacularYAMLAPIView.as_view(), name="openapi"),
    path("api/v1/", include("coordination.web.me")),
    path("api/v1/", include(directory.router.urls)),
    path("api/v1/", include(sharing.router.urls)),
    path("api/v1/", include(incidents_rest.router.urls)),
    path("api/v1/", include(aid_rest.router.urls)),
    path("graphql/", GuardedGraphQLView.as_view(schema=schema), name="graphql"),
    re_path("^api/", landing.not_found),
]
