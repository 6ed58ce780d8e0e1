"""One person's machine: private services, demo data, a key that protects nothing."""

from coordination.settings.base import *  # noqa: F403 - a settings module extends its base

DEBUG = True
SECRET_KEY = SECRET_KEY or "development-only"  # noqa: F405 - from base
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]  # noqa: F405 - from base
# 32 bytes that everybody knows: demo data only.
SEALING_KEYS = SEALING_KEYS or ["dev:ZGV2ZWxvcG1lbnQtb25seS1zZWFsaW5nLWtleS0zMmI="]  # noqa: F405 - from base
PHONE_INDEX_KEYS = PHONE_INDEX_KEYS or ["dev:ZGV2ZWxvcG1lbnQtb25seS1waG9uZS1pbmRleC0zMmI="]  # noqa: F405 - from base
# The demo's people sign in with a password alone.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=False)  # noqa: F405 - from base
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405 - from base
WHITENOISE_USE_FINDERS = True
