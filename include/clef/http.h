/* http.h: requests, responses, middleware, sites. */
#ifndef CLEF_HTTP_H
#define CLEF_HTTP_H

#include <clef/http/cache_headers.h>
#include <clef/http/csrf.h>
#include <clef/http/gzip.h>
#include <clef/http/headers.h>
#include <clef/http/middleware.h>
#include <clef/http/request.h>
#include <clef/http/resolver_match.h>
#include <clef/http/response.h>
#include <clef/http/signed_cookie.h>
#include <clef/http/site.h>
#include <clef/http/view.h>
#include <clef/http/view_options.h>

#endif
