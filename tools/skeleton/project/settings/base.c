/* What all environments have in common. `@project@ diffsettings` shows what comes of it. */
#include "settings.h"

#include "@app@/@app@.h"
#include "urls.h"

void base(Settings *s)
{
    /* From the environment, or from the file .env, which stays out of version control. */
    s->secret_key = env_required(s, "SECRET_KEY");
    s->root_urlconf = urls;
    s->installed_apps = APPS(&@app@_app);
    s->middleware = MIDDLEWARE(&security_middleware, &common_middleware, &csrf_middleware, &clickjacking_middleware);
    s->template_dirs = STRS("templates");
    /* DATABASE_URL=sqlite:///FILE names another one. */
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///@project@.sqlite3"));
    s->time_zone = STR("UTC");
    s->language_code = STR("en-us");
}
