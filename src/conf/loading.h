/* loading.h: what a load collects; hangs on the Settings (Settings.loading). */
#ifndef CONF_LOADING_H
#define CONF_LOADING_H

#include <clef/base/vec.h>
#include <clef/conf/dotenv.h>
#include <clef/conf/load.h>

typedef struct SettingsLoading {
    Dotenv dotenv;
    VEC(SettingsProblem) problems;
} SettingsLoading;

CLEF_PRIVATE(SettingsLoading *, settings_loading, Settings *s);
/* A file in the settings' arena; false when it cannot be read or is larger than `max`. */
CLEF_PRIVATE(bool, settings_read_file, Settings *s, Str path, size_t max, Str *out);
/* The variable, from the environment or .env, or the file that NAME_FILE names. NULL string. */
CLEF_PRIVATE(Str, environment_get, Settings *s, const char *name);

#endif
