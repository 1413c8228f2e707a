/*
 * service_url.h: a database, a cache or a mail server given as one URL, in the forms of django-environ:
 *
 *     postgres://user:p%40ss@db.example:5432/site?conn_max_age=60&sslmode=require
 *     postgres:////var/run/postgresql/site        mysql://user:pass@host/name
 *     sqlite:///relative.db   sqlite:////absolute/site.db   sqlite://:memory:
 *     locmemcache://name      redis://host:6379/1?timeout=60&key_prefix=site    filecache:///var/cache
 *     smtp+tls://user:pass@mail.example:587       consolemail://
 *
 * Errors never repeat the URL, because it may hold a password.
 */
#ifndef CLEF_CONF_SERVICE_URL_H
#define CLEF_CONF_SERVICE_URL_H

#include <clef/conf/settings.h>

#define SERVICE_URL_MAX         8192u
#define SERVICE_URL_MAX_OPTIONS 64u

/* False, and *error a sentence with the remedy. The alias is "default". */
CLEF_API(bool, database_url_parse, Arena *a, Str url, DatabaseSettings *out, Str *error) CLEF_MUST_USE;
CLEF_API(bool, cache_url_parse, Arena *a, Str url, CacheSettings *out, Str *error) CLEF_MUST_USE;
/* Sets the email_… members. */
CLEF_API(bool, email_url_parse, Settings *s, Str url, Str *error) CLEF_MUST_USE;

#endif
