/*
 * The models of @app@: a struct here, the table that describes it in models.c, its name in the MODELS of apps.c. Then
 *
 *     clef makemigrations
 *     clef migrate
 */
#ifndef @APP@_MODELS_H
#define @APP@_MODELS_H

#include <clef/clef.h>

#endif
