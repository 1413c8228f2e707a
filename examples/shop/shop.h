/* The applications of the shop. */
#ifndef SHOP_H
#define SHOP_H

#include <clef/conf/app.h>

extern const App catalog_app, sales_app;

#endif
