#include "@app@.h"

Response *@app@_index(Request *r)
{
    return HttpResponse(r, "<!doctype html>\n"
                           "<html lang=\"en\">\n"
                           "<head><meta charset=\"utf-8\"><title>@app@</title></head>\n"
                           "<body>\n"
                           "<h1>It works</h1>\n"
                           "<p>This page comes from <code>@app@/views.c</code>: change it, save, and look here again.</p>\n"
                           "</body>\n"
                           "</html>\n");
}
