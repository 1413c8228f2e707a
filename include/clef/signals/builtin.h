/*
 * builtin.h: the signals that Clef itself sends, by Django's names. Each says what its `data` is; a struct that belongs to
 * an upper floor (the ORM's rows, the request) is seen as a pointer only.
 */
#ifndef CLEF_SIGNALS_BUILTIN_H
#define CLEF_SIGNALS_BUILTIN_H

#include <clef/base/value.h>
#include <clef/signals/signal.h>

typedef struct Settings Settings;
typedef struct Model Model;

/* --- requests; the sender is the Site */
typedef struct RequestSignal {
    Request *request;
    const Error *error; /* got_request_exception: what was raised */
} RequestSignal;
CLEF_DATA(Signal, request_started);
CLEF_DATA(Signal, request_finished);
CLEF_DATA(Signal, got_request_exception);

/* --- settings changed by a test; the sender is NULL */
typedef struct SettingChanged {
    const char *setting;      /* Django's name */
    const Settings *settings; /* as they are now */
    bool enter;               /* false: changed back */
} SettingChanged;
CLEF_DATA(Signal, setting_changed);

/* --- models; the sender is the Model */
typedef struct ModelSignal {
    const Model *model;
    void *row;                        /* the instance; NULL where Django gives the class only */
    const char *using;                /* the database's alias */
    const char *const *update_fields; /* save: NULL-terminated; NULL: all */
    void *origin;                     /* delete: the row whose deletion was asked for; NULL: a queryset's */
    bool created;                     /* post_save: a new row */
    bool raw;                         /* save: as a fixture has it */
} ModelSignal;
CLEF_DATA(Signal, class_prepared);
CLEF_DATA(Signal, pre_init);
CLEF_DATA(Signal, post_init);
CLEF_DATA(Signal, pre_save);
CLEF_DATA(Signal, post_save);
CLEF_DATA(Signal, pre_delete);
CLEF_DATA(Signal, post_delete);

typedef enum M2mAction {
    M2M_PRE_ADD,
    M2M_POST_ADD,
    M2M_PRE_REMOVE,
    M2M_POST_REMOVE,
    M2M_PRE_CLEAR,
    M2M_POST_CLEAR
} M2mAction;
/* The sender is the model of the table between. */
typedef struct M2mChanged {
    M2mAction action;
    void *row;          /* whose relation changes */
    bool reverse;       /* from the other side */
    const Model *model; /* what is added or removed */
    const List *pk_set; /* the keys of which; NULL for the clear actions */
    const char *using;
} M2mChanged;
CLEF_DATA(Signal, m2m_changed);

/* --- migrations; the sender is the App */
typedef struct MigrateSignal {
    const char *app_label, *using;
    int verbosity;
    bool interactive;
} MigrateSignal;
CLEF_DATA(Signal, pre_migrate);
CLEF_DATA(Signal, post_migrate);
/* A migration gave a model another name, in a transaction that is not over. The sender is NULL. */
typedef struct ModelRenamed {
    const char *app_label, *old_name, *new_name; /* in any case */
    const char *using;
} ModelRenamed;
CLEF_DATA(Signal, model_renamed);

/* --- templates, for tests; the sender is the Template. Extended and included ones send it too. */
typedef struct TemplateSignal {
    const struct Template *template;
    struct TemplateContext *context; /* as it is when the rendering begins */
} TemplateSignal;
CLEF_DATA(Signal, template_rendered);

/* --- users; the sender is the user's Model */
typedef struct UserSignal {
    Request *request;     /* may be NULL */
    void *user;           /* user_login_failed: NULL */
    const char *username; /* user_login_failed: who it was said to be */
} UserSignal;
CLEF_DATA(Signal, user_logged_in);
CLEF_DATA(Signal, user_logged_out);
CLEF_DATA(Signal, user_login_failed);

#endif
