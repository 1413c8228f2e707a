/* The URLs of the whole site, read from top to bottom: the first that matches answers. */
#include "urls.h"

#include "@app@/@app@.h"

const Url urls[] = {
    INCLUDE("", @app@_urls, .namespace = "@app@"),
    URLS_END,
};
