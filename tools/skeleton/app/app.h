#ifndef @APP@_H
#define @APP@_H

#include <clef/clef.h>

extern const App @app@_app;
extern const Url @app@_urls[];

Response *@app@_index(Request *r);

#endif
