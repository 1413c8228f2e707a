#include "@app@.h"

const App @app@_app = {
    .label = "@app@",
    .urls = @app@_urls,
};
