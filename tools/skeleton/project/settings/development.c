#include "settings.h"

void development(Settings *s)
{
    base(s);
    s->debug = true; /* pages about errors show everything */
    s->allowed_hosts = STRS("localhost", "127.0.0.1", "[::1]");
}
