/* validators.h: checks of single values, for forms and models. */
#ifndef CLEF_VALIDATORS_H
#define CLEF_VALIDATORS_H

#include <clef/validators/error.h>
#include <clef/validators/validator.h>

#endif
