#include "@app@.h"

Response *@app@_index(Request *r)
{
    return RENDER(r, "@app@/index.html", "heading", "It works");
}
