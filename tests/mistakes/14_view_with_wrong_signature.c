/* expect: incompatible */
#include "models.h"
static int view(Request *r)
{
    (void)r;
    return 0;
}
extern const Url u[];
const Url u[] = { PATH("", view), URLS_END };
