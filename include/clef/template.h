/* template.h: Django's template language: engines, contexts, rendering, own tags and filters. */
#ifndef CLEF_TEMPLATE_H
#define CLEF_TEMPLATE_H

#include <clef/template/backend.h>
#include <clef/template/compiled.h>
#include <clef/template/context.h>
#include <clef/template/engine.h>
#include <clef/template/error.h>
#include <clef/template/format.h>
#include <clef/template/generate.h>
#include <clef/template/library.h>
#include <clef/template/response.h>

#endif
