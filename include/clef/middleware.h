/* middleware.h: the middleware that comes with Clef. How to write one stands in <clef/http/middleware.h>. */
#ifndef CLEF_MIDDLEWARE_H
#define CLEF_MIDDLEWARE_H

#include <clef/http/middleware.h>
#include <clef/http/view_options.h>
#include <clef/middleware/builtin.h>
#include <clef/middleware/csp.h>

#endif
