"""The tests: as production, with fast hashing and a database of their own."""

from coordination.settings.base import *  # noqa: F403 - a settings module extends its base

SECRET_KEY = "tests-only"  # noqa: S105 - protects nothing
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SEALING_KEYS = ["test:dGVzdHMtb25seS1zZWFsaW5nLWtleS0wMTIzNDU2Nzg="]
PHONE_INDEX_KEYS = ["test:dGVzdHMtb25seS1waG9uZS1pbmRleC0wMTIzNDU2Nzg="]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "coordination.access.hashers.RandomSecretHasher",
]
# Tests of the second factor ask for it themselves.
MFA_REQUIRED = False
DATABASES["default"]["TEST"] = {"NAME": TEST_DATABASE_NAME}  # noqa: F405 - from base
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 - from base
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405 - from base
# Static files are looked up when asked for: a test run collects none.
WHITENOISE_AUTOREFRESH = True
