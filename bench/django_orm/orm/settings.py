import os
from urllib.parse import urlsplit

SECRET_KEY = "this server answers benchmarks, and nothing in it is secret"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["orm"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # says the length of answers
ROOT_URLCONF = "orm.urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "templates")],
}]
url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": url.path[1:], "CONN_MAX_AGE": None}
             if url.scheme == "sqlite" else
             {"ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username, "HOST": url.hostname,
              "PORT": url.port, "CONN_MAX_AGE": None}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
