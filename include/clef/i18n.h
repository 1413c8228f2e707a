/* i18n.h: text of languages, and dates and numbers as people write them. */
#ifndef CLEF_I18N_H
#define CLEF_I18N_H

#include <clef/i18n/dateformat.h>
#include <clef/i18n/normalize.h>
#include <clef/i18n/text.h>
#include <clef/i18n/truncate.h>
#include <clef/i18n/urlize.h>
#include <clef/i18n/words.h>

#endif
