/* check.h: Django's checks of models whose relations are resolved. */
#ifndef ORM_CHECK_H
#define ORM_CHECK_H

#include "orm/info.h"

/* Complaints go behind those that are there, one a line. */
CLEF_PRIVATE(void, models_check, Arena *a, const ModelInfos *infos, Buf *errors);

#endif
