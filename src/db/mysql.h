/* mysql.h: what the files of the driver for MariaDB and MySQL share. */
#ifndef DB_MYSQL_H
#define DB_MYSQL_H

#include <clef/db/connection.h>
#include <clef/rt/loop.h>
#include <mysql.h>
#include <mysqld_error.h>

/* What is used of Connector/C; pairs of _start and _cont are its calls that do not block. */
#define MY_FUNCTIONS(F)                                                                                              \
    F(mysql_init), F(mysql_options), F(mysql_optionsv), F(mysql_real_connect), F(mysql_close), F(mysql_errno),       \
        F(mysql_error), F(mysql_sqlstate), F(mysql_get_socket), F(mysql_real_query_start), F(mysql_real_query_cont), \
        F(mysql_store_result_start), F(mysql_store_result_cont), F(mysql_free_result), F(mysql_fetch_row),           \
        F(mysql_fetch_lengths), F(mysql_num_fields), F(mysql_fetch_fields), F(mysql_affected_rows),                  \
        F(mysql_insert_id), F(mysql_field_count), F(mysql_stmt_init), F(mysql_stmt_prepare_start),                   \
        F(mysql_stmt_prepare_cont), F(mysql_stmt_execute_start), F(mysql_stmt_execute_cont),                         \
        F(mysql_stmt_store_result_start), F(mysql_stmt_store_result_cont), F(mysql_stmt_fetch_start),                \
        F(mysql_stmt_fetch_cont), F(mysql_stmt_fetch_column), F(mysql_stmt_free_result_start),                       \
        F(mysql_stmt_free_result_cont), F(mysql_stmt_close_start), F(mysql_stmt_close_cont), F(mysql_stmt_close),    \
        F(mysql_stmt_errno), F(mysql_stmt_error), F(mysql_stmt_bind_param), F(mysql_stmt_bind_result),               \
        F(mysql_stmt_param_count), F(mysql_stmt_field_count), F(mysql_stmt_result_metadata),                         \
        F(mysql_stmt_affected_rows), F(mysql_stmt_insert_id), F(mysql_stmt_attr_set), F(mysql_get_timeout_value_ms), \
        F(mysql_thread_id), F(mysql_real_query)

typedef struct MyLibrary {
#define F(f) __typeof__(f) *f
#define MY_MEMBERS(F)                 \
    F(mysql_init);                    \
    F(mysql_options);                 \
    F(mysql_optionsv);                \
    F(mysql_real_connect);            \
    F(mysql_close);                   \
    F(mysql_errno);                   \
    F(mysql_error);                   \
    F(mysql_sqlstate);                \
    F(mysql_get_socket);              \
    F(mysql_real_query_start);        \
    F(mysql_real_query_cont);         \
    F(mysql_store_result_start);      \
    F(mysql_store_result_cont);       \
    F(mysql_free_result);             \
    F(mysql_fetch_row);               \
    F(mysql_fetch_lengths);           \
    F(mysql_num_fields);              \
    F(mysql_fetch_fields);            \
    F(mysql_affected_rows);           \
    F(mysql_insert_id);               \
    F(mysql_field_count);             \
    F(mysql_stmt_init);               \
    F(mysql_stmt_prepare_start);      \
    F(mysql_stmt_prepare_cont);       \
    F(mysql_stmt_execute_start);      \
    F(mysql_stmt_execute_cont);       \
    F(mysql_stmt_store_result_start); \
    F(mysql_stmt_store_result_cont);  \
    F(mysql_stmt_fetch_start);        \
    F(mysql_stmt_fetch_cont);         \
    F(mysql_stmt_fetch_column);       \
    F(mysql_stmt_free_result_start);  \
    F(mysql_stmt_free_result_cont);   \
    F(mysql_stmt_close_start);        \
    F(mysql_stmt_close_cont);         \
    F(mysql_stmt_close);              \
    F(mysql_stmt_errno);              \
    F(mysql_stmt_error);              \
    F(mysql_stmt_bind_param);         \
    F(mysql_stmt_bind_result);        \
    F(mysql_stmt_param_count);        \
    F(mysql_stmt_field_count);        \
    F(mysql_stmt_result_metadata);    \
    F(mysql_stmt_affected_rows);      \
    F(mysql_stmt_insert_id);          \
    F(mysql_stmt_attr_set);           \
    F(mysql_get_timeout_value_ms);    \
    F(mysql_thread_id);               \
    F(mysql_real_query);
    MY_MEMBERS(F)
#undef F
} MyLibrary;

typedef struct MyStatement MyStatement;
struct MyStatement {
    MyStatement *newer, *older; /* by last use */
    MyStatement *next, *prev;   /* among all that the server has */
    Arena *arena;
    uint64_t hash;
    Str sql;
    MYSQL_STMT *stmt; /* NULL: run as text */
    MYSQL_RES *meta;
    MYSQL_BIND *results;
    struct MyCell *cells;
    unsigned columns;
    bool busy, kept;
};

/* Where a column of a prepared statement is read to. */
typedef struct MyCell {
    unsigned long length;
    my_bool null, cut;
    union {
        long long i;
        double d;
        MYSQL_TIME time;
        char text[64]; /* what is longer is fetched by itself */
    };
} MyCell;

typedef struct MyRequest {
    MyStatement *statement;
    MYSQL_RES *result; /* of a statement that was run as text */
    MYSQL_ROW row;
    unsigned long *lengths;
    bool buffered, done;
    bool spoilt;    /* its statement cannot be run again */
    Arena *scratch; /* of the current row's values */
    struct MyRequest *next;
} MyRequest;

typedef struct My {
    Watcher watcher;
    MyLibrary lib;
    MYSQL *db;
    Arena *arena, *scratch;
    Loop *loop; /* that watches */
    Fiber *waiter;
    MyStatement *newest, *oldest;
    MyStatement *open;
    MyRequest *spare;
    unsigned cached, most_cached, port;
    bool dead, mariadb;
    const DbConfig *config;
} My;

#define MY_LIBRARY "libmariadb.so.3"
/* mysql_library.c: false: *missing says what. */
CLEF_PRIVATE(bool, my_library_load, MyLibrary *lib, const char **missing);
/* mysql_faults.c: puts functions into the table that fail when a test says so. */
#if CLEF_FAULTS
CLEF_PRIVATE(void, my_library_faults, MyLibrary *lib);
#else
static inline void my_library_faults(MyLibrary *lib) { (void)lib; }
#endif

/* mysql_wait.c: waits for what a call that does not block wants (MYSQL_WAIT_READ, ...); what has happened of it. */
CLEF_PRIVATE(int, my_wait, My *my, int wanted);
/* Ends the watching of the connection's socket. */
CLEF_PRIVATE(void, my_unwatch, My *my);

/* mysql_bind.c: parameters; false when a value has no form, *why says so. */
CLEF_PRIVATE(bool, my_bind, Arena *a, const Value *params, size_t n, bool mariadb, MYSQL_BIND *out, const char **why);
/* Where the columns of a prepared statement are read to. */
CLEF_PRIVATE(void, my_bind_results, MyStatement *s, const MYSQL_FIELD *fields);
CLEF_PRIVATE(Value, my_cell, My *my, Arena *scratch, MyStatement *s, unsigned column);
CLEF_PRIVATE(Value, my_text_cell, Arena *scratch, const MYSQL_FIELD *field, const char *p, size_t n);

/* mysql_error.c: fills c->error. Always false. */
CLEF_PRIVATE(bool, my_fail, DbConnection *c, unsigned code, const char *message, Str sql);

#endif
