/* expect: usrname */
#include "models.h"
const Ref *refs(void);
const Ref *refs(void)
{
    static const Ref r[] = { CLEF_REF(Post, author->usrname) };
    return r;
}
