/* environment.h: the `env` of a case: settings of languages, formats and zones, and what is active. */
#ifndef CONFORMANCE_ENVIRONMENT_H
#define CONFORMANCE_ENVIRONMENT_H

#include "conformance/conformance.h"
#include <clef/i18n.h>

/* `env` null: USE_TZ, UTC and en-us, as the matrix was recorded. */
I18n *case_i18n(Arena *a, TimeZones *zones, Value env);
/* The locale that `env` says is active, in the context's arena. */
const Locale *case_locale(Context *cx, I18n *i18n, Value env);

#endif
