from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "coordination.web"
    label = "web"
    verbose_name = _("Doors")

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from coordination.web.signin.factors import count_as_shown

        authenticator_added.connect(count_as_shown)


class AdminSiteConfig(AdminConfig):
    default_site = "coordination.web.admin_site.AidAdminSite"
