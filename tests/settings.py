"""The project's settings, with what only tests change."""

import tempfile
from pathlib import Path

from cooperation.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Of each process, and gone with it.
_folder = tempfile.TemporaryDirectory(prefix="registre-tests-")
MEDIA_ROOT = Path(_folder.name)
CACHES["pages"]["LOCATION"] = MEDIA_ROOT / "pages"  # noqa: F405
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"visitors": "10000/s", "people": "10000/s"}  # noqa: F405
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# whitenoise finds the files where they are, as in development.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
