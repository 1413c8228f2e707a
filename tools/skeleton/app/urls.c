#include "@app@.h"

const Url @app@_urls[] = {
    PATH("", @app@_index, .name = "index"),
    URLS_END,
};
