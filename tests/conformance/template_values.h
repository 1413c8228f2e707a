/* template_values.h: values of template cases. */
#ifndef TESTS_CONFORMANCE_TEMPLATE_VALUES_H
#define TESTS_CONFORMANCE_TEMPLATE_VALUES_H

#include "conformance/conformance.h"

/* A value of the recordings' notation as templates see it. */
Value template_case_value(Arena *a, TimeZones *zones, Value v);

#endif
