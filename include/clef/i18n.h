/* i18n.h: languages, and text, dates and numbers as people write them. */
#ifndef CLEF_I18N_H
#define CLEF_I18N_H

#include <clef/i18n/catalog.h>
#include <clef/i18n/dateformat.h>
#include <clef/i18n/formats.h>
#include <clef/i18n/humanize.h>
#include <clef/i18n/language.h>
#include <clef/i18n/locale.h>
#include <clef/i18n/normalize.h>
#include <clef/i18n/numberformat.h>
#include <clef/i18n/plural.h>
#include <clef/i18n/text.h>
#include <clef/i18n/timesince.h>
#include <clef/i18n/truncate.h>
#include <clef/i18n/urlize.h>
#include <clef/i18n/words.h>

#endif
