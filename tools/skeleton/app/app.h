#ifndef @APP@_H
#define @APP@_H

#include "models.h"

extern const App @app@_app;
extern const Url @app@_urls[];
extern const Migration *const @app@_migrations[];

Response *@app@_index(Request *r);

#endif
