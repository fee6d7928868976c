"""All settings, read from the environment or from .env beside manage.py (the environment wins)."""

from pathlib import Path

import environ
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF

from cooperation.style import STYLE_HASHES

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
# `check --deploy`, which the container runs before it starts, refuses this default.
SECRET_KEY = env.str("SECRET_KEY", default="") or "django-insecure-development-only"
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# What the registry holds: the embedded database, uploads, collected static files.
DATA_DIR = Path(env.str("DATA_DIR", default="") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

INSTALLED_APPS = [
    "cooperation",
    "agreements",
    "actions",
    "workgroup",
    "communes",
    "reports",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "simple_history",
    "django_tasks",
    "django_tasks_db",
    "corsheaders",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
# Accounts of another site may sign in here: its address and what it calls this one (OpenID Connect).
OIDC = {
    "server_url": env.str("OIDC_SERVER", default=""),
    "client_id": env.str("OIDC_CLIENT_ID", default=""),
    "secret": env.str("OIDC_SECRET", default=""),
    "name": env.str("OIDC_NAME", default="le compte de mon administration"),
}
if OIDC["server_url"]:
    INSTALLED_APPS += [
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cooperation.downloads.Compression",
    "cooperation.downloads.resumable_downloads",
    "cooperation.caching.private_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cooperation.accounts.sessions.sliding_sessions",
    "cooperation.accounts.second_factors.second_factor_first",
    "cooperation.accounts.kept.keep_what_was_typed",
    "cooperation.entry.once.forms_once",
]

ROOT_URLCONF = "cooperation.urls"
WSGI_APPLICATION = "cooperation.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "cooperation.typography.FrenchTemplates",
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": env.db_url_config(
        env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'registre.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        # Longer than any import writes: whoever saves meanwhile waits.
        "timeout": 60,
        # FULL: a save that was acknowledged survives a power cut.
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
    }
    # Kept open: to open it anew takes room on the disk, and a full one would stop all reading.
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    # A server that is away is told within two seconds; each thread that answers has its connection.
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": 20, "timeout": 1.5},
        "connect_timeout": 2,
    }
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counts of attempts ("default") and kept pages in each process, apart: many pages push no count out.
# CACHE_URL names a cache that several share, such as redis://…
# "shared" is what a worker tells those who wait: in files, where there is no such cache.
CACHES = {
    "default": env.cache("CACHE_URL", default="locmemcache://?max_entries=20000"),
    "kept": env.cache("CACHE_URL", default="locmemcache://kept"),
    "shared": env.cache("CACHE_URL", default=f"filecache://{DATA_DIR / 'cache'}"),
    # Sections of reports as they were laid out: a report that changes little is made anew in little.
    "pages": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache" / "pages",
        "TIMEOUT": 30 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# What each list to import is read by.
IMPORTERS = {
    "conventions": "actions.importing.conventions.FullConventionImporter",
    "actions": "actions.importing.actions.ActionImporter",
    "avenants": "agreements.importing.parts.AvenantImporter",
    "montants": "actions.importing.money.BudgetLineImporter",
    "versements": "actions.importing.money.DisbursementImporter",
    "echanges": "agreements.importing.parts.ExchangeImporter",
    "partenaires": "cooperation.importing.partners.PartnerImporter",
    "iati": "actions.iati.importing.IatiImporter",
    "remarques": "workgroup.importing.CommentImporter",
}

AUTH_USER_MODEL = "cooperation.User"
AUTHENTICATION_BACKENDS = ["cooperation.auth.RoleBackend"]
PASSWORD_HASHERS = [
    "cooperation.accounts.passwords.BoundedArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "cooperation.accounts.passwords.CommonWordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "cooperation.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "cooperation.accounts.forms.SignInForm",
    "change_password": "cooperation.accounts.forms.NewPasswordForm",
    "reset_password": "cooperation.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "cooperation.accounts.forms.ChosenPasswordForm",
    "reauthenticate": "cooperation.accounts.forms.PasswordAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
CSRF_FAILURE_VIEW = "cooperation.accounts.kept.csrf_failure"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# Whoever signs in while another is signed in, on one machine, is who they say.
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
# Wrong passwords, not sign-ins, are counted: an office begins its day behind one address.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "40/10m/ip,8/10m/key",
    "login_failed_on_known_device": "8/10m/key",
    "reset_password": "20/h/ip,3/h/key",
    "reset_password_from_key": "20/h/ip",
    "reauthenticate": "10/10m/user",
}
# Only addresses of accounts are written to.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Django's own: allauth's copies each address into its table, and would go on writing to a former one.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
# Seconds that the link of a forgotten password is good.
PASSWORD_RESET_TIMEOUT = 3600

# Roles that need a second factor to come in: SECOND_FACTOR_ROLES=secretariat
SECOND_FACTOR_ROLES = env.list("SECOND_FACTOR_ROLES", default=[])
MFA_ADAPTER = "cooperation.accounts.second_factors.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "cooperation.accounts.forms.SignInCodeForm",
    "reauthenticate": "cooperation.accounts.forms.ConfirmingCodeForm",
    "activate_totp": "cooperation.accounts.forms.NewApplicationForm",
    "add_webauthn": "cooperation.accounts.forms.NewKeyForm",
    "edit_webauthn": "cooperation.accounts.forms.KeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A key is not guessed: this only bounds work, for an office behind one address.
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
# The clock of a telephone may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Addresses are confirmed by the registry's own links, not by allauth's table of them.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers ask for a key on https:// alone, and on http://localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not env.bool("HTTPS", default=False)
# A link, since a form that ends on another site is stopped by the policy of this one.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_ADAPTER = "cooperation.accounts.other_sites.OtherSiteAdapter"
# The other site's word for an e-mail address opens the account that has it; it makes none.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC["name"],
                "client_id": OIDC["client_id"],
                "secret": OIDC["secret"],
                "settings": {"server_url": OIDC["server_url"]},
            }
        ],
        "OAUTH_PKCE_ENABLED": True,
    }
}

# EMAIL_URL such as smtp+tls://user:password@host:587; by default messages go to the log.
vars().update(env.email("EMAIL_URL", default="consolemail://"))
# Seconds that a mail server has for each step of taking a message.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="registre@localhost")
# Where links in messages lead.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

# Who reports to IATI. The identifier is the one that the CNCD receives when it registers with IATI;
# until then this stands in its place, and `check --deploy` says so.
IATI_ORGANISATION = env.str("IATI_ORGANISATION", default="") or "BJ-COA-CNCD"
IATI_ORGANISATION_NAME = "Commission Nationale de Coopération Décentralisée du Bénin"

# Who publishes this site, where to write to them, and who hosts it: what its own pages say of it.
PUBLISHER = {
    "name": env.str("PUBLISHER_NAME", default=""),
    "address": env.str("PUBLISHER_ADDRESS", default=""),
    "email": env.str("PUBLISHER_EMAIL", default=""),
    "host": env.str("PUBLISHER_HOST", default=""),
}

# Under which terms the public data may be used again: name, address.
DATA_LICENCE = (
    env.str("DATA_LICENCE_NAME", default="Creative Commons Attribution 4.0 International"),
    env.str("DATA_LICENCE_URL", default="https://creativecommons.org/licenses/by/4.0/"),
)

LANGUAGE_CODE = "fr"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Africa/Porto-Novo"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or DATA_DIR / "media")
STORAGES = {
    "default": {"BACKEND": "cooperation.uploads.DurableStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# A form that carries a file of the largest size and its fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Proxies in front, whose word is taken for a visitor's address; one that speaks HTTPS: HTTPS=1.
PROXIES = env.int("PROXIES", default=0)
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "style-src": [SELF, *STYLE_HASHES],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# The pages of any site may read what is public, without the cookies of this one.
CORS_URLS_REGEX = r"^/(api|iati|donnees)/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = [*default_headers, "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "cooperation.rest.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["cooperation.rest.authentication.MayWrite"],
    "DEFAULT_PARSER_CLASSES": ["cooperation.rest.rendering.FastParser"],
    "DEFAULT_RENDERER_CLASSES": ["cooperation.rest.rendering.FastRenderer"],
    "DEFAULT_PAGINATION_CLASS": "cooperation.rest.pagination.ApiPagination",
    # OPTIONS is for browsers that ask before they read (CORS); what there is, the description says.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "cooperation.rest.problems.problem",
    "DEFAULT_THROTTLE_CLASSES": [
        "cooperation.rest.throttling.VisitorThrottle",
        "cooperation.rest.throttling.PersonThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "visitors": env.str("API_RATE_VISITORS", default="600/min"),
        "people": env.str("API_RATE_PEOPLE", default="1200/min"),
    },
    # Proxies in front, whose X-Forwarded-For is believed: none, or any client could write it.
    "NUM_PROXIES": PROXIES,
    "DEFAULT_SCHEMA_CLASS": "cooperation.rest.schema.Description",
    # Nothing in an address is read but what a list says that it knows.
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Registre de la coopération décentralisée du Bénin",
    "DESCRIPTION": "Ce que le registre a publié : conventions, actions, partenaires. Les dates sont "
    "en ISO 8601 à la précision connue (2019, 2019-11 ou 2019-11-14) ; les montants sont des chaînes "
    "décimales dans leur monnaie d’origine (ISO 4217) ; null et vide signifient que la source ne le "
    "dit pas.",
    "VERSION": "1",
    "LICENSE": {"name": DATA_LICENCE[0], "url": DATA_LICENCE[1]},
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "AUTHENTICATION_WHITELIST": [],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "ENUM_NAME_OVERRIDES": {
        "ConventionKind": "agreements.models.Convention.Kind",
        "PartnerKind": "cooperation.models.Partner.Kind",
        "ActionState": "actions.models.Action.State",
        "LegalStepKind": "agreements.models.LegalStep.Kind",
        "SignatureKind": "agreements.models.Signature.Kind",
        "SituationKind": "agreements.models.Situation.Kind",
        "ExchangeKind": "agreements.models.Exchange.Kind",
        "DisbursementKind": "actions.models.Disbursement.Kind",
        "CurrencyEnum": "cooperation.values.money.currency_choices",
        "DocumentKind": "cooperation.models.Document.Kind",
        "StatusEnum": "cooperation.records.gates.Status",
        "SharedDocumentKind": "workgroup.models.SharedDocument.Kind",
        "GroupMeetingStatus": "workgroup.models.MeetingStatus",
        "OfficialTextStatus": "workgroup.models.DraftStatus",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cooperation.rest.schema.described",
    ],
}

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"cooperation": {"handlers": ["console"], "level": "INFO"}},
}
