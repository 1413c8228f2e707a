/* base.h: floor 0, what everything else stands on. */
#ifndef CLEF_BASE_H
#define CLEF_BASE_H

#include <clef/base/api.h>
#include <clef/base/arena.h>
#include <clef/base/assert.h>
#include <clef/base/buf.h>
#include <clef/base/date.h>
#include <clef/base/datetime.h>
#include <clef/base/decimal.h>
#include <clef/base/double.h>
#include <clef/base/duration.h>
#include <clef/base/hash.h>
#include <clef/base/log.h>
#include <clef/base/map.h>
#include <clef/base/opt.h>
#include <clef/base/rand.h>
#include <clef/base/str.h>
#include <clef/base/timezone.h>
#include <clef/base/utf8.h>
#include <clef/base/uuid.h>
#include <clef/base/value.h>
#include <clef/base/vec.h>

#endif
