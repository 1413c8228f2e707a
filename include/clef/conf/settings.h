/*
 * settings.h: the settings of a project, with Django's names in lower case. A settings function fills them: the defaults
 * (Django's, and Clef's where it has more) are in place when it runs, and one environment's function begins by calling the
 * common one.
 *
 *     static void base(Settings *s)
 *     {
 *         s->secret_key = env_str(s, "SECRET_KEY");
 *         s->allowed_hosts = STRS("example.com", ".example.org");
 *         s->middleware = MIDDLEWARE(&security_middleware, &common_middleware);
 *         s->root_urlconf = urls;
 *     }
 *     static void production(Settings *s)
 *     {
 *         base(s);
 *         s->secure_ssl_redirect = true;
 *     }
 *
 * Everything that a settings function stores must live as long as the process: literals, static tables, memory of
 * s->arena. After start-up the settings are read-only. Each member's meaning is that of Django's setting of its name
 * (Django's page: "Settings"); members that only Clef has say so. Times are in seconds unless the name says otherwise.
 */
#ifndef CLEF_CONF_SETTINGS_H
#define CLEF_CONF_SETTINGS_H

#include <clef/base/arena.h>
#include <clef/base/macro.h>
#include <clef/base/str.h>

typedef struct Settings Settings;
typedef struct App App;
typedef struct Middleware Middleware;
typedef struct Url Url;
typedef struct CspConfig CspConfig;
typedef struct Logger Logger;
typedef struct TemplateProcessor TemplateProcessor;
typedef struct TemplateBackend TemplateBackend;
typedef struct Request Request;
typedef struct Response Response;

/* A list of texts; STRS("a", "b") makes one. */
typedef struct StrList {
    const Str *p;
    size_t n;
} StrList;

/* A header's name and the value that counts: SECURE_PROXY_SSL_HEADER. The name is a META key: "HTTP_X_FORWARDED_PROTO". */
typedef struct HeaderMatch {
    Str name, value;
} HeaderMatch;

typedef struct DatabaseOption {
    Str name, value;
} DatabaseOption;

/* One entry of DATABASES. */
typedef struct DatabaseSettings {
    Str alias;  /* "default" */
    Str engine; /* "sqlite3", "postgresql", "mysql"; Django's dotted names are understood too */
    Str name, user, password, host, port;
    /*
     * Seconds after its opening from which on a connection is not used again. Connections stand in the pool of their
     * loop, as with Django's option "pool", beside which CONN_MAX_AGE is 0 too: 0 and negative numbers (Django's None)
     * keep them for good.
     */
    int64_t conn_max_age;
    bool conn_health_checks, atomic_requests;
    Str time_zone;
    const DatabaseOption *options;
    size_t noptions;
} DatabaseSettings;

/* One entry of CACHES. */
typedef struct CacheSettings {
    Str alias, backend, location, key_prefix;
    int64_t timeout; /* 300; negative: never */
    int64_t version; /* 1 */
    const DatabaseOption *options;
    size_t noptions;
} CacheSettings;

struct Settings {
    Arena *arena; /* for what settings functions make; lives as long as the process */
    Str profile;  /* which settings function was chosen: "development", "production", ... */
    Str base_dir; /* where the program was started, or CLEF_BASE_DIR */

    /* core */
    bool debug;
    Str secret_key;
    StrList secret_key_fallbacks;
    StrList allowed_hosts;
    const Url *root_urlconf;
    const struct UrlConverter *const *url_converters; /* NULL-terminated, static: beside those of the applications */
    const App *const *installed_apps;                 /* NULL-terminated */
    const Middleware *const *middleware;              /* NULL-terminated, outermost first */
    bool append_slash, prepend_www;
    StrList disallowed_user_agents; /* regular expressions (PCRE2) */
    Str force_script_name;
    bool use_x_forwarded_host, use_x_forwarded_port;
    Str default_charset;
    StrList internal_ips;
    StrList admins, managers;       /* addresses */
    StrList silenced_system_checks; /* ids of findings that `check` keeps to itself: "security.W004" */

    /* data */
    const DatabaseSettings *databases;
    size_t ndatabases;
    const CacheSettings *caches;
    size_t ncaches;
    const struct DatabaseRouter *const *database_routers; /* NULL-terminated; asked in this order (clef/orm/router.h) */
    int64_t cached_queries;                               /* shapes of querysets whose SQL is kept; 0: none */
    int64_t slow_query_ms;    /* a statement that takes as long is logged; negative: none is */
    Str fetch_mode;           /* "peers", "one", "raise": what rows do that were not read (clef/orm/fetch.h) */
    int64_t one_by_one_limit; /* DEBUG: so many statements for one relation are logged; negative: none are */
    Str default_auto_field;
    bool atomic_requests_default;

    /* time and language */
    Str time_zone;
    bool use_tz, use_i18n, use_thousand_separator, urlize_assume_https;
    Str language_code;
    StrList languages; /* codes */
    StrList locale_paths;
    StrList fixture_dirs; /* searched by loaddata, besides the applications' `fixtures` */
    int64_t first_day_of_week, number_grouping;
    Str date_format, datetime_format, time_format, year_month_format, month_day_format, short_date_format,
        short_datetime_format, decimal_separator, thousand_separator;

    /* files */
    Str static_url, static_root, media_url, media_root;
    StrList staticfiles_dirs, template_dirs;
    const TemplateProcessor *const *context_processors; /* NULL-terminated; NULL: request, csrf, debug */
    const TemplateBackend *const *template_backends;    /* NULL-terminated: engines beside Clef's; NULL: none */
    int64_t data_upload_max_memory_size;                /* bytes; negative: no limit (Django's None), here and below */
    int64_t data_upload_max_number_fields, data_upload_max_number_files;
    int64_t file_upload_max_memory_size;
    Str file_upload_temp_dir;
    int64_t file_upload_permissions, file_upload_directory_permissions; /* 0: the system's */

    /* security */
    bool secure_ssl_redirect;
    Str secure_ssl_host;
    StrList secure_redirect_exempt; /* regular expressions (PCRE2) */
    int64_t secure_hsts_seconds;
    bool secure_hsts_include_subdomains, secure_hsts_preload;
    bool secure_content_type_nosniff;
    Str secure_referrer_policy, secure_cross_origin_opener_policy; /* empty: not sent */
    HeaderMatch secure_proxy_ssl_header;
    const CspConfig *secure_csp, *secure_csp_report_only;
    Str x_frame_options;

    /* sessions and CSRF */
    Str session_engine, session_cookie_name, session_cookie_domain, session_cookie_path, session_cookie_samesite;
    int64_t session_cookie_age;
    bool session_cookie_secure, session_cookie_httponly, session_save_every_request, session_expire_at_browser_close;
    Str session_cache_alias, session_file_path;
    Str csrf_cookie_name, csrf_cookie_domain, csrf_cookie_path, csrf_cookie_samesite, csrf_header_name;
    int64_t csrf_cookie_age;
    bool csrf_cookie_secure, csrf_cookie_httponly, csrf_use_sessions;
    StrList csrf_trusted_origins;
    /* CSRF_FAILURE_VIEW: answers what csrf_middleware refused, with the reason in English; NULL: Clef's own page */
    Response *(*csrf_failure_view)(Request *r, Str reason);

    /* users, mail, messages */
    Str auth_user_model, login_url, login_redirect_url, logout_redirect_url;
    StrList swapped_models, password_hashers;
    int64_t password_reset_timeout;
    Str email_backend, email_host, email_host_user, email_host_password, default_from_email, server_email,
        email_subject_prefix;
    int64_t email_port, email_timeout;
    bool email_use_tls, email_use_ssl;
    Str message_storage;

    /* logging (Clef's own): see <clef/base/log.h> */
    Str log_format; /* "text", "json", "syslog", "journald"; empty: text on a terminal, journald under it, else json */
    Str log_level;  /* "INFO" */
    StrList log_levels; /* "component=LEVEL" */
    Str log_file;       /* empty: standard error */
    /* What the program logs to: made of the settings above before the site is; NULL: nothing is logged. */
    Logger *logger;
    StrList request_log_exclude; /* paths without a line; "/static/" stands for all below it */
    StrList
        request_log_fields; /* further fields: "remote_addr", "user_agent", "referer", "host", "request_id", "query" */

    /* cross-origin requests: the settings of django-cors-headers */
    StrList cors_allowed_origins, cors_allowed_origin_regexes;
    bool cors_allow_all_origins, cors_allow_credentials;
    StrList cors_allow_methods, cors_allow_headers, cors_expose_headers;
    int64_t cors_preflight_max_age;
    Str cors_urls_regex;

    /* the server (Clef's own). Sizes in bytes. */
    StrList listen;                 /* "127.0.0.1:8000", "[::1]:8000", "unix:/run/site.sock" */
    int64_t listen_unix_mode;       /* permission bits of unix sockets: 0660; 0: as the umask says */
    int64_t workers;                /* 0: one per core */
    int64_t server_max_connections; /* per worker */
    int64_t server_max_requests_per_connection, server_pipeline_depth;
    int64_t server_max_request_line, server_max_headers, server_max_header_bytes, server_max_body;
    int64_t server_first_byte_timeout, server_header_timeout, server_idle_timeout, server_request_timeout,
        server_write_timeout;
    int64_t server_response_timeout; /* of a view with what it asks of databases; 0: none */
    bool server_cancel_disconnected; /* what a GET whose client has gone asks of databases is cancelled */
    int64_t server_graceful_timeout;
    int64_t worker_max_requests;  /* a worker is replaced after so many; 0: never */
    int64_t worker_max_memory;    /* or past this resident size; 0: never */
    int64_t request_max_memory;   /* of one request's arena */
    Str tls_certificate, tls_key; /* PEM files; empty: no TLS */
    StrList tls_sni;              /* "name=certificate;key" for further names */
    Str tls_min_version;          /* "1.2" */
    Str tls_ciphers;              /* OpenSSL's list for TLS 1.2; empty: its default */
    int64_t offload_threads, offload_jobs;

    struct SettingsLoading *loading; /* private: what the load collects */
};

/* A list of literals; static, so it may be stored. For use inside functions. */
#define STRS(...)                                                                   \
    ({                                                                              \
        static const Str clef_strs[] = { CLEF_EACH(CLEF_STRS_ONE, , __VA_ARGS__) }; \
        (StrList){ .p = clef_strs, .n = CLEF_COUNT(clef_strs) };                    \
    })
#define CLEF_STRS_ONE(unused, literal)  \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

/* INSTALLED_APPS: pointers to Apps, as APPS(&blog_app). Static, so it may be stored. For use inside functions. */
#define APPS(...)                                                    \
    ({                                                               \
        static const App *const clef_apps[] = { __VA_ARGS__, NULL }; \
        clef_apps;                                                   \
    })

#endif
