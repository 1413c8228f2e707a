#include "settings.h"

#include "tickets/tickets.h"
#include "urls.h"

static void base(Settings *s)
{
    s->root_urlconf = urls;
    s->installed_apps = APPS(&tickets_app);
    s->middleware = MIDDLEWARE(&security_middleware, &common_middleware, &csrf_middleware, &clickjacking_middleware);
    s->template_dirs = STRS("templates");
    s->time_zone = STR("UTC");
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///helpdesk.sqlite3"));
}

void production(Settings *s)
{
    base(s);
    s->secret_key = env_required(s, "SECRET_KEY");
    s->allowed_hosts = env_list(s, "ALLOWED_HOSTS", STRS("localhost", "127.0.0.1", "[::1]"));
}

void development(Settings *s)
{
    base(s);
    s->debug = true;
    s->secret_key = STR("only-for-development-never-for-a-site-that-others-can-reach");
    s->allowed_hosts = STRS("localhost", "127.0.0.1", "[::1]");
}
