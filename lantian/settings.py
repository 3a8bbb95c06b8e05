"""Settings of the one Django project. Everything that differs between installations comes from the environment:

LANTIAN_DATA      folder of the database, files and keys (default ./data)
DATABASE_URL      postgres://user:password@host/name; without it SQLite in the data folder
LANTIAN_HOSTS     comma-separated host names that the server answers to
LANTIAN_HTTPS     1 when served over HTTPS (secure cookies, HSTS)
LANTIAN_PROXIES   how many trusted proxies stand in front and append to X-Forwarded-For (default 0)
LANTIAN_CLOCK     ISO date or date-time that a demonstration pretends to start at (see lantian.city.clock), or
                  LANTIAN_CLOCK_OFFSET, the same as a number of seconds
LANTIAN_AIR_FOLDERS  TOML file that names folders whose files the worker imports (default air-folders.toml in the data
                  folder; see docs/air.md)
LANTIAN_DEBUG     1 for development
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
from pathlib import Path
from zoneinfo import ZoneInfo

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
LANTIAN_DATA = Path(os.environ.get("LANTIAN_DATA", "data")).resolve()
CITIES_DIR = Path(os.environ.get("LANTIAN_CITIES", BASE_DIR / "cities"))
DEBUG = os.environ.get("LANTIAN_DEBUG") == "1"
HTTPS = os.environ.get("LANTIAN_HTTPS") == "1"


def _secret(name: str) -> str:
    """Return the secret kept in the data folder, made at the first start and readable by its owner only."""
    path = LANTIAN_DATA / "keys" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        # Written whole before it gets its name: two processes that start together must agree on one secret.
        draft = path.with_name(f".{name}-{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = os.environ.get("LANTIAN_SECRET_KEY") or _secret("django")
AUDIT_KEY = os.environ.get("LANTIAN_AUDIT_KEY") or _secret("audit")
ALLOWED_HOSTS = [h for h in os.environ.get("LANTIAN_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
# Behind a proxy that ends TLS the server itself sees plain HTTP, while browsers name an https origin in their forms.
CSRF_TRUSTED_ORIGINS = [("https://*" if host.startswith(".") else "https://") + host for host in ALLOWED_HOSTS if HTTPS]
TRUSTED_PROXIES = int(os.environ.get("LANTIAN_PROXIES", "0"))

INSTALLED_APPS = [
    "lantian.kit.apps.KitConfig",
    "lantian.city.apps.CityConfig",
    "lantian.records.apps.RecordsConfig",
    "lantian.indicators.apps.IndicatorsConfig",
    "lantian.sources.apps.SourcesConfig",
    "lantian.air.apps.AirConfig",
    "lantian.gateway.apps.GatewayConfig",
    "lantian.plan.apps.PlanConfig",
    "lantian.supervision.apps.SupervisionConfig",
    "lantian.bulletins.apps.BulletinsConfig",
    "lantian.web.apps.WebConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "ninja",
]

MIDDLEWARE = [
    "lantian.web.proxy.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lantian.web.clean.NoNulMiddleware",
    "lantian.web.middleware.ChosenLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lantian.web.middleware.DomainErrorMiddleware",
    "lantian.city.middleware.OneTimePasswordMiddleware",
    "axes.middleware.AxesMiddleware",
    "lantian.web.problems.ApiProblemMiddleware",
]

ROOT_URLCONF = "lantian.urls"
WSGI_APPLICATION = "lantian.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lantian.web.context.shell",
            ],
            "builtins": ["lantian.kit.templatetags.kit"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

_SQLITE = f"sqlite:///{LANTIAN_DATA / 'lantian.sqlite3'}"
DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL") or _SQLITE, conn_max_age=600)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock when a transaction begins, so that two writers queue instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
        "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
    }
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "city.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]
LOGIN_URL = "web:login"
LOGIN_REDIRECT_URL = "web:home"
LOGOUT_REDIRECT_URL = "web:login"
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "web/locked_out.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
# A choice of a list's filter that is left open.
FILTERS_EMPTY_CHOICE_LABEL = _("all")
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
USE_I18N = True
TIME_ZONE = os.environ.get("LANTIAN_TZ", "Asia/Shanghai")
USE_TZ = True


def _clock_offset() -> float:
    """Return by how many seconds the city's clock is ahead of the machine's (0 outside demonstrations)."""
    start = os.environ.get("LANTIAN_CLOCK")
    if not start:
        return float(os.environ.get("LANTIAN_CLOCK_OFFSET", "0"))
    moment = dt.datetime.fromisoformat(start)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(TIME_ZONE))
    return (moment - dt.datetime.now(dt.UTC)).total_seconds()


LANTIAN_CLOCK_OFFSET = _clock_offset()

STATIC_URL = "/static/"
STATIC_ROOT = LANTIAN_DATA / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MANIFEST_STRICT = False
FILES_DIR = LANTIAN_DATA / "files"
MAX_EVIDENCE_BYTES = 50 * 1024 * 1024
MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
# A larger table of measured values goes by the command line or a watched folder, which have no such limit.
MAX_MEASUREMENTS_BYTES = 50 * 1024 * 1024
LANTIAN_AIR_FOLDERS = Path(os.environ.get("LANTIAN_AIR_FOLDERS", LANTIAN_DATA / "air-folders.toml"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "lantian.records.uploads.LimitedUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "lantian.web.views.stale_form"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]

DJANGO_TABLES2_TEMPLATE = "web/table.html"
NINJA_PAGINATION_PER_PAGE = 50

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LANTIAN_LOG", "WARNING")},
}
