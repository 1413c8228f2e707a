/* shop_server.h: the shop on PostgreSQL or MariaDB: a database of the run's own, filled from the recordings' SQLite. */
#ifndef TESTS_CONFORMANCE_SHOP_SERVER_H
#define TESTS_CONFORMANCE_SHOP_SERVER_H

#include "conformance/conformance.h"
#include "orm/info.h"
#include <clef/db.h>
#include <clef/rt/context.h>

/* The server of run->database, which tests/with-databases has started. False after printing why not. */
bool shop_server_config(Run *run, DbConfig *out);
/* A new database on it: config->name. */
bool shop_server_create(Run *run, DbConfig *config);
/* `config` is the server's. */
void shop_server_drop(const DbConfig *config, Str name);
/* Bodies of attempts. Makes the tables on "default", and copies the rows of "recorded". */
void shop_server_fill(Context *cx, void *arg);
/* `arg` is the context of a case that was rolled back: servers do not roll back the counters of keys. */
void shop_server_after(Context *cx, void *arg);
void shop_server_reset_sequence(Context *cx, const ModelInfo *info);

#endif
