#include "@app@.h"

const App @app@_app = {
    .label = "@app@",
    .models = MODELS(),
    .migrations = @app@_migrations,
    .urls = @app@_urls,
};
