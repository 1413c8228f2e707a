/* clef.h: everything that a project uses (tests include <clef/test.h> as well). */
#ifndef CLEF_CLEF_H
#define CLEF_CLEF_H

#include <clef/base.h>
#include <clef/cli.h>
#include <clef/codec.h>
#include <clef/conf.h>
#include <clef/contenttypes.h>
#include <clef/core.h>
#include <clef/db.h>
#include <clef/forms.h>
#include <clef/http.h>
#include <clef/i18n.h>
#include <clef/middleware.h>
#include <clef/migrations.h>
#include <clef/net.h>
#include <clef/orm.h>
#include <clef/rt.h>
#include <clef/serializers.h>
#include <clef/signals.h>
#include <clef/signing.h>
#include <clef/template.h>
#include <clef/urls.h>
#include <clef/validators.h>

#endif
