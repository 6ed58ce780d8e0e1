from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "coordination.web"
    label = "web"
    verbose_name = _("Doors")


class AdminSiteConfig(AdminConfig):
    default_site = "coordination.web.admin_site.AidAdminSite"
