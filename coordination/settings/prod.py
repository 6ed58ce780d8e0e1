"""A deployment: every secret comes from the environment and its absence stops the start."""

from django.core.exceptions import ImproperlyConfigured

from coordination.settings.base import *  # noqa: F403 - a settings module extends its base

if not (SECRET_KEY and SEALING_KEYS and PHONE_INDEX_KEYS and ALLOWED_HOSTS):  # noqa: F405 - from base
    raise ImproperlyConfigured(
        "Set SECRET_KEY, SEALING_KEYS, PHONE_INDEX_KEYS and ALLOWED_HOSTS: a deployment has no defaults for them."
    )

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)  # noqa: F405 - from base
# Health checks come from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
