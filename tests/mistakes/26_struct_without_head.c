/* expect: row_state */
#include "models.h"
typedef struct Bare {
    int64_t id;
    Str name;
} Bare;
extern const Model Bare_model;
const Model Bare_model = { MODEL(Bare), FIELDS(Bare, CharField(name, .max_length = 9)) };
