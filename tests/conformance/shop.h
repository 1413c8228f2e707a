/* shop.h: a throw-away copy of the shop's database, and contexts on it. */
#ifndef TESTS_CONFORMANCE_SHOP_H
#define TESTS_CONFORMANCE_SHOP_H

#include "conformance/conformance.h"
#include <clef/rt/context.h>

typedef struct Shop Shop;

/*
 * Copies shop/shop.sqlite3 from beside the file of cases (or from the folder of recordings) and populates the shop's
 * models; where run->database is a server, a new database there gets these rows. NULL after printing why not.
 * shop_close removes the copy; NULL is fine.
 */
Shop *shop_open(Run *run);
void shop_close(Shop *shop);
/* A context with its database, and Django's settings of the recordings: UTC, en-us. */
void shop_context(Shop *shop, Context *cx, Arena *arena);

/* After a case that ran in this context and was rolled back. */
void shop_after(Shop *shop, const Context *ran);

#endif
