/*
 * postgresql_faults.c: functions of libpq that fail when a test says so. They stand in the driver's table in builds for
 * tests.
 */
#include "base/fault.h"
#include "db/library.h"
#include "db/postgresql.h"

#if CLEF_FAULTS

/* The same call, or its failure. */
#define FAILING(type, f, failure, parameters, arguments)                                          \
    static type failing_##f parameters                                                            \
    {                                                                                             \
        __typeof__(PQ##f) *real = NULL;                                                           \
        void *found = fault_fails(FAULT_DATABASE) ? NULL : library_function(PG_LIBRARY, "PQ" #f); \
        memcpy(&real, &found, sizeof real);                                                       \
        return real ? real arguments : (failure);                                                 \
    }

FAILING(PGconn *, connectdbParams, NULL, (const char *const *names, const char *const *values, int expand),
        (names, values, expand))
FAILING(int, setnonblocking, -1, (PGconn * conn, int on), (conn, on))
FAILING(int, enterPipelineMode, 0, (PGconn * conn), (conn))
FAILING(int, pipelineSync, 0, (PGconn * conn), (conn))
FAILING(int, sendPrepare, 0, (PGconn * conn, const char *name, const char *text, int n, const Oid *types),
        (conn, name, text, n, types))
FAILING(int, sendQueryPrepared, 0,
        (PGconn * conn, const char *name, int n, const char *const *values, const int *lengths, const int *formats,
         int format),
        (conn, name, n, values, lengths, formats, format))
FAILING(int, sendQueryParams, 0,
        (PGconn * conn, const char *text, int n, const Oid *types, const char *const *values, const int *lengths,
         const int *formats, int format),
        (conn, text, n, types, values, lengths, formats, format))
FAILING(int, exitPipelineMode, 0, (PGconn * conn), (conn))
FAILING(int, putCopyData, -1, (PGconn * conn, const char *p, int n), (conn, p, n))
FAILING(int, putCopyEnd, -1, (PGconn * conn, const char *why), (conn, why))
FAILING(int, setSingleRowMode, 0, (PGconn * conn), (conn))
FAILING(int, consumeInput, 0, (PGconn * conn), (conn))
FAILING(int, flush, -1, (PGconn * conn), (conn))
FAILING(PGcancel *, getCancel, NULL, (PGconn * conn), (conn))
FAILING(int, cancel, 0, (PGcancel * cancel, char *why, int n), (cancel, why, n))

void pg_library_faults(PgLibrary *lib)
{
    lib->connectdbParams = failing_connectdbParams;
    lib->setnonblocking = failing_setnonblocking;
    lib->enterPipelineMode = failing_enterPipelineMode;
    lib->pipelineSync = failing_pipelineSync;
    lib->sendPrepare = failing_sendPrepare;
    lib->sendQueryPrepared = failing_sendQueryPrepared;
    lib->sendQueryParams = failing_sendQueryParams;
    lib->exitPipelineMode = failing_exitPipelineMode;
    lib->putCopyData = failing_putCopyData;
    lib->putCopyEnd = failing_putCopyEnd;
    lib->setSingleRowMode = failing_setSingleRowMode;
    lib->consumeInput = failing_consumeInput;
    lib->flush = failing_flush;
    lib->getCancel = failing_getCancel;
    lib->cancel = failing_cancel;
}

#endif
