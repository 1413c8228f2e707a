/* table.c: the table of settings. One row each; what a row says is all there is to a setting. */
#include <clef/conf/table.h>

#define MEMBER(member, T)                                                                     \
    (offsetof(Settings, member) +                                                             \
     0 * sizeof(struct {                                                                      \
         _Static_assert(__builtin_types_compatible_p(__typeof__(((Settings *)0)->member), T), \
                        "the row's type is not that of Settings." #member);                   \
         char c;                                                                              \
     }))

/* clang-format off */
#define BOOL(m, n, f, fl, h)         { .name = n, .type = SETTING_BOOL, .offset = MEMBER(m, bool), .fallback = f, .flags = fl, .help = h }
#define INT(m, n, f, lo, hi, fl, h)  { .name = n, .type = SETTING_INT, .offset = MEMBER(m, int64_t), .fallback = f, .least = lo, .most = hi, .flags = fl, .help = h }
#define TEXT(m, n, f, fl, h)         { .name = n, .type = SETTING_STR, .offset = MEMBER(m, Str), .fallback = f, .flags = fl, .help = h }
#define CHOICE(m, n, f, c, fl, h)    { .name = n, .type = SETTING_STR, .offset = MEMBER(m, Str), .fallback = f, .choices = c, .flags = fl, .help = h }
#define LIST(m, n, f, fl, h)         { .name = n, .type = SETTING_LIST, .offset = MEMBER(m, StrList), .fallback = f, .flags = fl, .help = h }
#define TABLE(m, n, T, h)            { .name = n, .type = SETTING_TABLE, .offset = MEMBER(m, T), .help = h }
#define SECRET SETTING_SECRET
#define DEPLOY SETTING_DEPLOY
#define CLEF   SETTING_CLEF

#define MOST       INT64_MAX
#define DAY        (24 * 3600)
#define GIB        ((int64_t)1 << 30)
#define SAME_SITES "|Lax|Strict|None|False"
#define LANGUAGES                                                                                                       \
    "af,ar,ar-dz,ast,az,bg,be,bn,br,bs,ca,ckb,cs,cy,da,de,dsb,el,en,en-au,en-gb,eo,es,es-ar,es-co,es-mx,es-ni,es-ve,et," \
    "eu,fa,fi,fr,fy,ga,gd,gl,he,hi,hr,hsb,ht,hu,hy,ia,id,ig,io,is,it,ja,ka,kab,kk,km,kn,ko,ky,lb,lt,lv,mk,ml,mn,mr,ms," \
    "my,nb,ne,nl,nn,os,pa,pl,pt,pt-br,ro,ru,sk,sl,sq,sr,sr-latn,sv,sw,ta,te,tg,th,tk,tr,tt,udm,ug,uk,ur,uz,vi,zh-hans," \
    "zh-hant"
#define HASHERS                                                                                              \
    "django.contrib.auth.hashers.PBKDF2PasswordHasher,django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher," \
    "django.contrib.auth.hashers.Argon2PasswordHasher,django.contrib.auth.hashers.BCryptSHA256PasswordHasher," \
    "django.contrib.auth.hashers.ScryptPasswordHasher"

static const Setting rows[] = {
    /* core */
    BOOL(debug, "DEBUG", "false", DEPLOY, "Show error pages with everything on them; never in production."),
    TEXT(secret_key, "SECRET_KEY", NULL, SECRET | DEPLOY, "Signs sessions, cookies and tokens: long, random, and kept to yourself."),
    LIST(secret_key_fallbacks, "SECRET_KEY_FALLBACKS", NULL, SECRET | DEPLOY, "Former keys, still good for reading what they signed."),
    LIST(allowed_hosts, "ALLOWED_HOSTS", NULL, DEPLOY, "Hosts this site answers for; '.example.com' takes subdomains too, '*' any."),
    TABLE(root_urlconf, "ROOT_URLCONF", const Url *, "The URL table of the site."),
    { .name = "URL_CONVERTERS", .type = SETTING_TABLE, .flags = CLEF, .offset = MEMBER(url_converters, const struct UrlConverter *const *),
      .help = "Converters of routes beside Clef's and the applications'." },
    TABLE(installed_apps, "INSTALLED_APPS", const App *const *, "The applications of the site."),
    TABLE(middleware, "MIDDLEWARE", const Middleware *const *, "What stands around every view, the outermost first."),
    BOOL(append_slash, "APPEND_SLASH", "true", 0, "Redirect a path that is not found to the same with '/', when that is found."),
    BOOL(prepend_www, "PREPEND_WWW", "false", 0, "Redirect hosts without 'www.' to the same with it."),
    LIST(disallowed_user_agents, "DISALLOWED_USER_AGENTS", NULL, 0, "Regular expressions of clients that are answered 403."),
    TEXT(force_script_name, "FORCE_SCRIPT_NAME", NULL, 0, "The path under which the site is mounted, instead of the server's word."),
    BOOL(use_x_forwarded_host, "USE_X_FORWARDED_HOST", "false", 0, "Take the host from X-Forwarded-Host; only behind a proxy that sets it."),
    BOOL(use_x_forwarded_port, "USE_X_FORWARDED_PORT", "false", 0, "Take the port from X-Forwarded-Port; only behind a proxy that sets it."),
    TEXT(default_charset, "DEFAULT_CHARSET", "utf-8", 0, "The charset that text responses name."),
    LIST(internal_ips, "INTERNAL_IPS", NULL, 0, "Addresses that the debug context processor trusts."),
    LIST(admins, "ADMINS", NULL, 0, "Addresses that get mail about errors."),
    LIST(managers, "MANAGERS", NULL, 0, "Addresses that get mail about broken links."),
    LIST(silenced_system_checks, "SILENCED_SYSTEM_CHECKS", NULL, 0, "Ids of findings that the command check keeps to itself: security.W004."),
    /* data */
    { .name = "DATABASES", .type = SETTING_DATABASES, .offset = MEMBER(databases, const DatabaseSettings *),
      .help = "The databases, by alias; 'default' is used when none is named." },
    { .name = "CACHES", .type = SETTING_CACHES, .offset = MEMBER(caches, const CacheSettings *),
      .help = "The caches, by alias; 'default' is used when none is named." },
    TABLE(database_routers, "DATABASE_ROUTERS", const struct DatabaseRouter *const *, "Who says which database is read and written, the first asked first."),
    INT(cached_queries, "CACHED_QUERIES", "512", 0, 1000000, CLEF, "Shapes of querysets whose SQL is kept, in each worker."),
    INT(slow_query_ms, "SLOW_QUERY_MS", "500", -1, 86400000, CLEF, "Log statements that take as many milliseconds; -1: none."),
    CHOICE(fetch_mode, "FETCH_MODE", "peers", "|peers|one|raise", CLEF, "How a relation that was not read is loaded: for all rows of the result, for one row, not at all."),
    INT(one_by_one_limit, "ONE_BY_ONE_LIMIT", "10", -1, 1000000, CLEF, "With DEBUG, warn when one piece of work loads a relation by as many statements; -1: never."),
    TEXT(default_auto_field, "DEFAULT_AUTO_FIELD", "django.db.models.BigAutoField", 0, "The type of primary keys that a model does not declare."),
    BOOL(atomic_requests_default, "ATOMIC_REQUESTS", "false", CLEF, "Run each view in a transaction, for databases that do not say."),
    /* time and language */
    TEXT(time_zone, "TIME_ZONE", "America/Chicago", 0, "The zone of the site: a name of the tz database."),
    BOOL(use_tz, "USE_TZ", "true", 0, "Keep times with their zone, in UTC."),
    BOOL(use_i18n, "USE_I18N", "true", 0, "Translate."),
    BOOL(use_thousand_separator, "USE_THOUSAND_SEPARATOR", "false", 0, "Group digits as the language does."),
    BOOL(urlize_assume_https, "URLIZE_ASSUME_HTTPS", "false", 0, "urlize makes https links of addresses without a scheme."),
    TEXT(language_code, "LANGUAGE_CODE", "en-us", 0, "The language when a request asks for none that the site has."),
    LIST(languages, "LANGUAGES", LANGUAGES, 0, "Codes of the languages to choose from."),
    LIST(fixture_dirs, "FIXTURE_DIRS", NULL, 0, "Directories of fixtures, besides the folders `fixtures` of the applications."),
    LIST(locale_paths, "LOCALE_PATHS", NULL, 0, "Directories of message catalogues."),
    INT(first_day_of_week, "FIRST_DAY_OF_WEEK", "0", 0, 6, 0, "0 is Sunday."),
    INT(number_grouping, "NUMBER_GROUPING", "0", 0, 100, 0, "Digits of a group, for languages that do not say; 0: no groups."),
    TEXT(date_format, "DATE_FORMAT", "N j, Y", 0, "How dates are written in languages that do not say."),
    TEXT(datetime_format, "DATETIME_FORMAT", "N j, Y, P", 0, "The same for dates with times."),
    TEXT(time_format, "TIME_FORMAT", "P", 0, "The same for times."),
    TEXT(year_month_format, "YEAR_MONTH_FORMAT", "F Y", 0, "The same for months of a year."),
    TEXT(month_day_format, "MONTH_DAY_FORMAT", "F j", 0, "The same for days of a month."),
    TEXT(short_date_format, "SHORT_DATE_FORMAT", "m/d/Y", 0, "The same for dates in short."),
    TEXT(short_datetime_format, "SHORT_DATETIME_FORMAT", "m/d/Y P", 0, "The same for dates with times in short."),
    TEXT(decimal_separator, "DECIMAL_SEPARATOR", ".", 0, "What stands before the fraction, in languages that do not say."),
    TEXT(thousand_separator, "THOUSAND_SEPARATOR", ",", 0, "What stands between groups of digits, in languages that do not say."),
    /* files */
    { .name = "STATIC_URL", .type = SETTING_STR, .offset = MEMBER(static_url, Str), .flags = SETTING_SLASH, .help = "Where static files are served; ends in '/'." },
    TEXT(static_root, "STATIC_ROOT", NULL, 0, "Where collectstatic puts static files."),
    { .name = "MEDIA_URL", .type = SETTING_STR, .offset = MEMBER(media_url, Str), .flags = SETTING_SLASH, .help = "Where uploads are served; ends in '/'." },
    TEXT(media_root, "MEDIA_ROOT", NULL, 0, "The directory of uploads."),
    LIST(staticfiles_dirs, "STATICFILES_DIRS", NULL, 0, "Further directories of static files."),
    TABLE(context_processors, "CONTEXT_PROCESSORS", const TemplateProcessor *const *, "What every template of a request sees."),
    TABLE(template_backends, "TEMPLATE_BACKENDS", const TemplateBackend *const *, "Template engines beside Clef's own, in the order they are asked."),
    LIST(template_dirs, "TEMPLATE_DIRS", NULL, CLEF, "Directories of templates, searched before the applications' own."),
    INT(data_upload_max_memory_size, "DATA_UPLOAD_MAX_MEMORY_SIZE", "2621440", -1, MOST, 0, "Most bytes of a body without its files; -1: any."),
    INT(data_upload_max_number_fields, "DATA_UPLOAD_MAX_NUMBER_FIELDS", "1000", -1, MOST, 0, "Most fields of a form; -1: any."),
    INT(data_upload_max_number_files, "DATA_UPLOAD_MAX_NUMBER_FILES", "100", -1, MOST, 0, "Most files of a form; -1: any."),
    INT(file_upload_max_memory_size, "FILE_UPLOAD_MAX_MEMORY_SIZE", "2621440", 0, MOST, 0, "Larger uploads go to disk."),
    TEXT(file_upload_temp_dir, "FILE_UPLOAD_TEMP_DIR", NULL, 0, "Where they go; empty: the system's temporary directory."),
    INT(file_upload_permissions, "FILE_UPLOAD_PERMISSIONS", "420", 0, 07777, 0, "Mode of stored uploads (420 is 0o644); 0: the system's."),
    INT(file_upload_directory_permissions, "FILE_UPLOAD_DIRECTORY_PERMISSIONS", "0", 0, 07777, 0, "Mode of directories made for uploads; 0: the system's."),
    /* security */
    BOOL(secure_ssl_redirect, "SECURE_SSL_REDIRECT", "false", DEPLOY, "Redirect plain HTTP to HTTPS."),
    TEXT(secure_ssl_host, "SECURE_SSL_HOST", NULL, 0, "The host to redirect to; empty: the request's."),
    LIST(secure_redirect_exempt, "SECURE_REDIRECT_EXEMPT", NULL, 0, "Regular expressions of paths that are not redirected."),
    INT(secure_hsts_seconds, "SECURE_HSTS_SECONDS", "0", 0, MOST, DEPLOY, "How long browsers shall insist on HTTPS; 0: not said."),
    BOOL(secure_hsts_include_subdomains, "SECURE_HSTS_INCLUDE_SUBDOMAINS", "false", DEPLOY, "For subdomains too."),
    BOOL(secure_hsts_preload, "SECURE_HSTS_PRELOAD", "false", DEPLOY, "Ask to be on the browsers' own list."),
    BOOL(secure_content_type_nosniff, "SECURE_CONTENT_TYPE_NOSNIFF", "true", DEPLOY, "Send X-Content-Type-Options: nosniff."),
    TEXT(secure_referrer_policy, "SECURE_REFERRER_POLICY", "same-origin", DEPLOY, "The Referrer-Policy header; empty: not sent."),
    CHOICE(secure_cross_origin_opener_policy, "SECURE_CROSS_ORIGIN_OPENER_POLICY", "same-origin",
           "|same-origin|same-origin-allow-popups|unsafe-none", DEPLOY, "The Cross-Origin-Opener-Policy header; empty: not sent."),
    { .name = "SECURE_PROXY_SSL_HEADER", .type = SETTING_HEADER, .offset = MEMBER(secure_proxy_ssl_header, HeaderMatch),
      .help = "The header and value by which a proxy says that the request came by HTTPS." },
    TABLE(secure_csp, "SECURE_CSP", const CspConfig *, "The Content-Security-Policy."),
    TABLE(secure_csp_report_only, "SECURE_CSP_REPORT_ONLY", const CspConfig *, "The same, reported and not enforced."),
    CHOICE(x_frame_options, "X_FRAME_OPTIONS", "DENY", "DENY|SAMEORIGIN", DEPLOY, "Who may show pages in a frame."),
    /* sessions and CSRF */
    TEXT(session_engine, "SESSION_ENGINE", "django.contrib.sessions.backends.db", 0, "Where sessions are kept."),
    TEXT(session_cookie_name, "SESSION_COOKIE_NAME", "sessionid", 0, "The cookie's name."),
    INT(session_cookie_age, "SESSION_COOKIE_AGE", "1209600", 1, MOST, 0, "Seconds that a session lasts."),
    TEXT(session_cookie_domain, "SESSION_COOKIE_DOMAIN", NULL, 0, "The cookie's domain; empty: the host's own."),
    TEXT(session_cookie_path, "SESSION_COOKIE_PATH", "/", 0, "The cookie's path."),
    CHOICE(session_cookie_samesite, "SESSION_COOKIE_SAMESITE", "Lax", SAME_SITES, 0, "The cookie's SameSite."),
    BOOL(session_cookie_secure, "SESSION_COOKIE_SECURE", "false", DEPLOY, "Send the cookie over HTTPS only."),
    BOOL(session_cookie_httponly, "SESSION_COOKIE_HTTPONLY", "true", DEPLOY, "Hide the cookie from scripts."),
    BOOL(session_save_every_request, "SESSION_SAVE_EVERY_REQUEST", "false", 0, "Save (and prolong) the session with each request."),
    BOOL(session_expire_at_browser_close, "SESSION_EXPIRE_AT_BROWSER_CLOSE", "false", 0, "Forget the session with the browser."),
    TEXT(session_cache_alias, "SESSION_CACHE_ALIAS", "default", 0, "The cache of the cache engine."),
    TEXT(session_file_path, "SESSION_FILE_PATH", NULL, 0, "The directory of the file engine."),
    TEXT(csrf_cookie_name, "CSRF_COOKIE_NAME", "csrftoken", 0, "The cookie's name."),
    INT(csrf_cookie_age, "CSRF_COOKIE_AGE", "31449600", 0, MOST, 0, "Seconds that the cookie lasts; 0: with the browser."),
    TEXT(csrf_cookie_domain, "CSRF_COOKIE_DOMAIN", NULL, 0, "The cookie's domain; empty: the host's own."),
    TEXT(csrf_cookie_path, "CSRF_COOKIE_PATH", "/", 0, "The cookie's path."),
    CHOICE(csrf_cookie_samesite, "CSRF_COOKIE_SAMESITE", "Lax", SAME_SITES, 0, "The cookie's SameSite."),
    TEXT(csrf_header_name, "CSRF_HEADER_NAME", "HTTP_X_CSRFTOKEN", 0, "The header that scripts send the token in, as a META key."),
    BOOL(csrf_cookie_secure, "CSRF_COOKIE_SECURE", "false", DEPLOY, "Send the cookie over HTTPS only."),
    BOOL(csrf_cookie_httponly, "CSRF_COOKIE_HTTPONLY", "false", 0, "Hide the cookie from scripts."),
    BOOL(csrf_use_sessions, "CSRF_USE_SESSIONS", "false", DEPLOY, "Keep the token in the session instead of a cookie."),
    LIST(csrf_trusted_origins, "CSRF_TRUSTED_ORIGINS", NULL, 0, "Origins of others that may post here: 'https://*.example.com'."),
    /* users, mail, messages */
    TEXT(auth_user_model, "AUTH_USER_MODEL", "auth.User", 0, "The model of users."),
    LIST(swapped_models, "SWAPPED_MODELS", NULL, CLEF, "Models in the place of others that name another setting: 'NAME=app.Model'."),
    TEXT(login_url, "LOGIN_URL", "/accounts/login/", 0, "A path or the name of a URL."),
    TEXT(login_redirect_url, "LOGIN_REDIRECT_URL", "/accounts/profile/", 0, "A path or the name of a URL."),
    TEXT(logout_redirect_url, "LOGOUT_REDIRECT_URL", NULL, 0, "A path or the name of a URL; empty: a page says so."),
    LIST(password_hashers, "PASSWORD_HASHERS", HASHERS, 0, "The first hashes new passwords, all are understood."),
    INT(password_reset_timeout, "PASSWORD_RESET_TIMEOUT", "259200", 1, MOST, 0, "Seconds that a reset link is good."),
    TEXT(email_backend, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend", 0, "How mail is sent."),
    TEXT(email_host, "EMAIL_HOST", "localhost", 0, "The mail server."),
    INT(email_port, "EMAIL_PORT", "25", 1, 65535, 0, "Its port."),
    TEXT(email_host_user, "EMAIL_HOST_USER", NULL, 0, "The user to log in as."),
    TEXT(email_host_password, "EMAIL_HOST_PASSWORD", NULL, SECRET, "The user's password."),
    BOOL(email_use_tls, "EMAIL_USE_TLS", "false", 0, "STARTTLS, usually on port 587."),
    BOOL(email_use_ssl, "EMAIL_USE_SSL", "false", 0, "TLS from the start, usually on port 465."),
    INT(email_timeout, "EMAIL_TIMEOUT", "0", 0, DAY, 0, "Seconds to wait for the mail server; 0: no limit."),
    TEXT(default_from_email, "DEFAULT_FROM_EMAIL", "webmaster@localhost", 0, "The sender of mail."),
    TEXT(server_email, "SERVER_EMAIL", "root@localhost", 0, "The sender of mail about errors."),
    TEXT(email_subject_prefix, "EMAIL_SUBJECT_PREFIX", "[Django] ", 0, "Begins subjects of mail to ADMINS and MANAGERS."),
    TEXT(message_storage, "MESSAGE_STORAGE", "django.contrib.messages.storage.fallback.FallbackStorage", 0, "Where messages to users wait."),
    /* logging */
    CHOICE(log_format, "LOG_FORMAT", NULL, "|text|json|syslog|journald", CLEF, "Empty: text on a terminal, journald under it, else json."),
    CHOICE(log_level, "LOG_LEVEL", "INFO", "DEBUG|INFO|WARNING|ERROR|CRITICAL", CLEF, "What is logged at least."),
    LIST(log_levels, "LOG_LEVELS", NULL, CLEF, "By component: 'db=DEBUG'."),
    TEXT(log_file, "LOG_FILE", NULL, CLEF, "Empty: standard error."),
    LIST(request_log_exclude, "REQUEST_LOG_EXCLUDE", NULL, CLEF, "Paths that the request log leaves out unless they fail; '/static/' stands for all below it."),
    LIST(request_log_fields, "REQUEST_LOG_FIELDS", NULL, CLEF, "Its further fields: remote_addr, user_agent, referer, host, request_id, query."),
    /* cross-origin requests */
    LIST(cors_allowed_origins, "CORS_ALLOWED_ORIGINS", NULL, CLEF, "Origins whose pages may call this site: 'https://app.example.com'."),
    LIST(cors_allowed_origin_regexes, "CORS_ALLOWED_ORIGIN_REGEXES", NULL, CLEF, "Regular expressions that match such an origin as a whole."),
    BOOL(cors_allow_all_origins, "CORS_ALLOW_ALL_ORIGINS", "false", CLEF, "Let any page call this site, without credentials."),
    BOOL(cors_allow_credentials, "CORS_ALLOW_CREDENTIALS", "false", CLEF, "Let the allowed origins send cookies."),
    LIST(cors_allow_methods, "CORS_ALLOW_METHODS", "DELETE,GET,OPTIONS,PATCH,POST,PUT", CLEF, "Methods that they may use."),
    LIST(cors_allow_headers, "CORS_ALLOW_HEADERS", "accept,authorization,content-type,user-agent,x-csrftoken,x-requested-with", CLEF, "Headers that they may send."),
    LIST(cors_expose_headers, "CORS_EXPOSE_HEADERS", NULL, CLEF, "Headers of answers that their scripts may read."),
    INT(cors_preflight_max_age, "CORS_PREFLIGHT_MAX_AGE", "86400", 0, MOST, CLEF, "Seconds that a browser may remember a preflight's answer; 0: not said."),
    TEXT(cors_urls_regex, "CORS_URLS_REGEX", "^.*$", CLEF, "The paths that all this is for."),
    /* the server */
    LIST(listen, "LISTEN", "127.0.0.1:8000", CLEF, "Addresses: '0.0.0.0:8000', '[::1]:8000', 'unix:/run/site.sock'."),
    INT(listen_unix_mode, "LISTEN_UNIX_MODE", "0", 0, 0777, CLEF, "Mode of unix sockets that the server makes (0o660: owner and group); 0: the system's."),
    INT(workers, "WORKERS", "0", 0, 1024, CLEF, "Worker processes; 0: one per core."),
    INT(server_max_connections, "SERVER_MAX_CONNECTIONS", "16384", 1, 1 << 20, CLEF, "Connections of one worker."),
    INT(server_max_requests_per_connection, "SERVER_MAX_REQUESTS_PER_CONNECTION", "0", 0, MOST, CLEF, "Then the connection is closed; 0: any."),
    INT(server_pipeline_depth, "SERVER_PIPELINE_DEPTH", "64", 1, 4096, CLEF, "Requests of one read that are answered by one write."),
    INT(server_max_request_line, "SERVER_MAX_REQUEST_LINE", "8192", 64, 1 << 20, CLEF, "Bytes of method, path and version."),
    INT(server_max_headers, "SERVER_MAX_HEADERS", "100", 1, 10000, CLEF, "Header lines of one request."),
    INT(server_max_header_bytes, "SERVER_MAX_HEADER_BYTES", "32768", 256, 1 << 24, CLEF, "Bytes of all of them."),
    INT(server_max_body, "SERVER_MAX_BODY", "1073741824", 0, MOST, CLEF, "Bytes of a body, its files included."),
    INT(server_first_byte_timeout, "SERVER_FIRST_BYTE_TIMEOUT", "10", 1, DAY, CLEF, "Seconds for the first byte of a new connection."),
    INT(server_header_timeout, "SERVER_HEADER_TIMEOUT", "10", 1, DAY, CLEF, "Seconds for the whole head."),
    INT(server_idle_timeout, "SERVER_IDLE_TIMEOUT", "60", 1, DAY, CLEF, "Seconds between requests of one connection."),
    INT(server_request_timeout, "SERVER_REQUEST_TIMEOUT", "300", 1, DAY, CLEF, "Seconds for a whole request, its body included."),
    INT(server_write_timeout, "SERVER_WRITE_TIMEOUT", "60", 1, DAY, CLEF, "Seconds without progress of a response."),
    INT(server_response_timeout, "SERVER_RESPONSE_TIMEOUT", "0", 0, DAY, CLEF, "Seconds for a response; then its database statements are cancelled: 503. 0: none."),
    BOOL(server_cancel_disconnected, "SERVER_CANCEL_DISCONNECTED", "true", CLEF, "Cancel the statements of a GET whose client has gone."),
    INT(server_graceful_timeout, "SERVER_GRACEFUL_TIMEOUT", "30", 0, DAY, CLEF, "Seconds that requests have to end when the server stops."),
    INT(worker_max_requests, "WORKER_MAX_REQUESTS", "0", 0, MOST, CLEF, "Then a worker is replaced; 0: never."),
    INT(worker_max_memory, "WORKER_MAX_MEMORY", "0", 0, MOST, CLEF, "Resident bytes past which a worker is replaced; 0: never."),
    INT(request_max_memory, "REQUEST_MAX_MEMORY", "67108864", 65536, MOST, CLEF, "Bytes that one request may allocate."),
    TEXT(tls_certificate, "TLS_CERTIFICATE", NULL, CLEF, "PEM file of the certificate chain; empty: no TLS."),
    TEXT(tls_key, "TLS_KEY", NULL, CLEF, "PEM file of its key."),
    LIST(tls_sni, "TLS_SNI", NULL, CLEF, "For further names: 'name=certificate;key'."),
    CHOICE(tls_min_version, "TLS_MIN_VERSION", "1.2", "1.2|1.3", CLEF, "The oldest TLS to speak."),
    TEXT(tls_ciphers, "TLS_CIPHERS", NULL, CLEF, "OpenSSL's list for TLS 1.2; empty: its default."),
    INT(offload_threads, "OFFLOAD_THREADS", "4", 1, 256, CLEF, "Threads of a worker for calls that block."),
    INT(offload_jobs, "OFFLOAD_JOBS", "1024", 1, 1 << 20, CLEF, "Such calls that may wait."),
};
/* clang-format on */

const Setting *settings_table(size_t *count)
{
    *count = CLEF_COUNT(rows);
    return rows;
}

const Setting *setting_find(Str name)
{
    for (size_t i = 0; i < CLEF_COUNT(rows); i++)
        if (str_eq(name, str_c(rows[i].name)))
            return &rows[i];
    return NULL;
}
