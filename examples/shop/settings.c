#include "settings.h"

#include "shop.h"

void development(Settings *s)
{
    s->debug = true;
    s->secret_key = STR("only-for-development-never-for-a-site-that-others-can-reach");
    s->allowed_hosts = STRS("localhost", "127.0.0.1", "[::1]");
    s->installed_apps = APPS(&catalog_app, &sales_app);
    s->use_tz = true;
    s->time_zone = STR("UTC");
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///shop.sqlite3"));
}
