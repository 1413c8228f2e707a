/* template_compiled.h: the templates of recorded cases as C, compiled and loaded before the cases of a file run. */
#ifndef TESTS_CONFORMANCE_TEMPLATE_COMPILED_H
#define TESTS_CONFORMANCE_TEMPLATE_COMPILED_H

#include "conformance/conformance.h"

#include <clef/template.h>

/* The engine of a case, made anew. */
typedef TemplateEngine *CaseEngineFn(Run *run, const Map *record);

typedef struct CompiledCases CompiledCases;

/* Generates, compiles and loads the C of all cases of run->file; NULL after printing why not. */
CompiledCases *compiled_cases(Run *run, CaseEngineFn *engine_of);
/* The table of a case: a row for each of its templates that parse; NULL: none of them does. */
const CompiledTemplate *compiled_case(const CompiledCases *cases, const Map *record);

#endif
