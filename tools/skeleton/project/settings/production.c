/* `@project@ check --deploy --settings production` says what is missing here. */
#include "settings.h"

void production(Settings *s)
{
    base(s);
    s->allowed_hosts = env_list(s, "ALLOWED_HOSTS", (StrList){ 0 });
    s->secure_ssl_redirect = true;
    s->session_cookie_secure = true;
    s->csrf_cookie_secure = true;
}
