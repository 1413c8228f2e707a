/*
 * table.h: every setting, described once. From this table come the defaults, the names in the environment, the checks of
 * single values, what is printed (secrets hidden) and the page of documentation.
 *
 * A setting NAME may be overridden at start by the environment variable CLEF_NAME (or CLEF_NAME_FILE, the path of a file
 * with the value), written as in the table: true or false, an integer (0o660 is octal), a text, a list
 * separated by commas.
 */
#ifndef CLEF_CONF_TABLE_H
#define CLEF_CONF_TABLE_H

#include <clef/base/buf.h>
#include <clef/conf/settings.h>

typedef enum SettingType {
    SETTING_BOOL,      /* bool */
    SETTING_INT,       /* int64_t */
    SETTING_STR,       /* Str */
    SETTING_LIST,      /* StrList */
    SETTING_HEADER,    /* HeaderMatch: "NAME,value" */
    SETTING_DATABASES, /* databases and ndatabases */
    SETTING_CACHES,    /* caches and ncaches */
    SETTING_TABLE,     /* a pointer to something of the program's own; has no text */
} SettingType;

typedef enum SettingFlags {
    SETTING_SECRET = 1, /* its value is never printed */
    SETTING_DEPLOY = 2, /* matters for `check --deploy` */
    SETTING_CLEF = 4,   /* Django has no such setting */
    SETTING_SLASH = 8,  /* when not empty, it must end in '/' */
} SettingFlags;

typedef struct Setting {
    const char *name; /* Django's: "DEBUG" */
    uint8_t type, flags;
    uint16_t offset;      /* of the member in Settings */
    const char *fallback; /* the default, as the environment would write it; NULL: empty, 0, false */
    int64_t least, most;  /* of an integer; both 0: any */
    const char *choices;  /* of a text, separated by '|'; NULL: any. An empty value is a choice when it is first */
    const char *help;
} Setting;

CLEF_API(const Setting *, settings_table, size_t *count) CLEF_NONNULL;
/* By Django's name; NULL when there is none. */
CLEF_API(const Setting *, setting_find, Str name);

/* Makes *s the defaults, in the arena (which must live as long as the settings). */
CLEF_API(void, settings_init, Settings *s, Arena *a);
/* Reads a text as the setting's value. False, and nothing changed, when it is not of the type. */
CLEF_API(bool, setting_set, Settings *s, const Setting *setting, Str text) CLEF_MUST_USE;
/* The value as Python would write it: True, 'text', ['a', 'b']. A secret that is set shows as stars. */
CLEF_API(Str, setting_show, const Settings *s, const Setting *setting, Arena *a);

/*
 * Django's diffsettings: a line `NAME = value` for each setting that differs from its default; with `all` the others too,
 * behind "### ". Secrets are hidden.
 */
CLEF_API(void, settings_print, const Settings *s, Buf *out, bool all);

#endif
