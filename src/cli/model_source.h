/* model_source.h: tables that were looked at, as models in C. */
#ifndef CLEF_SRC_CLI_MODEL_SOURCE_H
#define CLEF_SRC_CLI_MODEL_SOURCE_H

#include "migrations/introspect.h"

typedef struct ModelSource {
    Context *cx;
    Str label; /* of the application */
    VEC(TableShown *) tables;
    struct SourceModel *models; /* private: by model_source_prepare, one for each table */
} ModelSource;

/* Names models and members. */
CLEF_PRIVATE(void, model_source_prepare, ModelSource *s);
/* The structs; `alone`: as a header of its own. */
CLEF_PRIVATE(Str, model_source_header, const ModelSource *s, bool alone);
/* The tables of the models, and the App; `alone`: as a file that includes the header. */
CLEF_PRIVATE(Str, model_source_tables, const ModelSource *s, bool alone);

#endif
