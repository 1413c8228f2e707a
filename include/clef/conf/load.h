/*
 * load.h: from the table's defaults to the settings of a running process:
 *
 *     static const SettingsProfile profiles[] = { { "development", development }, { "production", production }, { 0 } };
 *     SettingsProblems problems = settings_load(&settings, arena, profiles, chosen);
 *
 * 1. the defaults; 2. the environment and the file `.env` of the base directory (the environment goes first); 3. the
 * profile's function: the one `chosen` (--settings), else CLEF_SETTINGS, else the first; 4. CLEF_NAME variables over it;
 * 5. the checks. All problems are collected, each with the setting, its value (unless secret) and the remedy.
 */
#ifndef CLEF_CONF_LOAD_H
#define CLEF_CONF_LOAD_H

#include <clef/base/value.h>
#include <clef/conf/settings.h>

typedef void SettingsFn(Settings *s);

typedef struct SettingsProfile {
    const char *name; /* NULL ends the list */
    SettingsFn *fn;
} SettingsProfile;

typedef struct SettingsProblem {
    Str name; /* of the setting or the variable; empty: of none */
    Str text; /* the whole sentence, with the remedy */
} SettingsProblem;

typedef struct SettingsProblems {
    const SettingsProblem *p;
    size_t n;
} SettingsProblems;

/* Without a problem the settings are ready; else nothing may be started with them. */
CLEF_API(SettingsProblems, settings_load, Settings *s, Arena *a, const SettingsProfile *profiles, const char *chosen);
/* The checks alone, for settings made by hand (tests). */
CLEF_API(SettingsProblems, settings_validate, Settings *s);

/*
 * For settings functions: a variable of the environment or of `.env`, or, when NAME is not set and NAME_FILE is, what
 * stands in that file, without the line's end (secrets of Docker, Kubernetes and Vault). A value that is not of the type
 * is a problem of the load, and the fallback is given.
 */
CLEF_API(Str, env_str_or, Settings *s, const char *name, Str fallback);
CLEF_API(int64_t, env_int, Settings *s, const char *name, int64_t fallback);
CLEF_API(bool, env_bool, Settings *s, const char *name, bool fallback);
CLEF_API(double, env_double, Settings *s, const char *name, double fallback);
CLEF_API(StrList, env_list, Settings *s, const char *name, StrList fallback);
/* Not set or empty is a problem of the load. */
CLEF_API(Str, env_required, Settings *s, const char *name);
/* A JSON text; null when it is not set or empty. */
CLEF_API(Value, env_json, Settings *s, const char *name);
/* The NULL string when it is not set. */
#define env_str(s, name) env_str_or((s), (name), (Str){ 0 })
/* One more database, cache or mail server, from a URL in a variable, else from the fallback ("": none). False: none. */
CLEF_API(bool, env_database, Settings *s, const char *alias, const char *name, Str fallback);
CLEF_API(bool, env_cache, Settings *s, const char *alias, const char *name, Str fallback);
CLEF_API(bool, env_email, Settings *s, const char *name, Str fallback);
/* Variables CLEF_NAME of the environment and of `.env` that name no setting, for who finds misspelt ones. */
CLEF_API(StrList, settings_unknown_variables, Settings *s);
/* A problem that the settings function itself found. */
CLEF_API(void, settings_problem, Settings *s, const char *name, const char *format, ...) CLEF_PRINTF(3, 4);

/* What of the site bears on the checks for deployment, and conf cannot see: which middleware stands in MIDDLEWARE. */
typedef struct DeployFacts {
    bool security, clickjacking, csrf, sessions, csp;
    bool session_app; /* the sessions application is installed */
} DeployFacts;

typedef struct DeployFinding {
    const char *id; /* Django's: "security.W004" */
    bool error;     /* else a warning */
    Str text;
} DeployFinding;

/* `check --deploy`: Django's checks, with its ids. The list is in the arena. */
CLEF_API(size_t, settings_check_deploy, const Settings *s, DeployFacts facts, Arena *a, const DeployFinding **findings);

#endif
