/* conf.h: settings: what they are, where they come from, whether they are right. */
#ifndef CLEF_CONF_H
#define CLEF_CONF_H

#include <clef/conf/app.h>
#include <clef/conf/dotenv.h>
#include <clef/conf/files.h>
#include <clef/conf/load.h>
#include <clef/conf/service_url.h>
#include <clef/conf/settings.h>
#include <clef/conf/table.h>

#endif
