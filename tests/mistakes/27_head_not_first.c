/* expect: the struct Late must begin with MODEL_HEAD */
#include "models.h"
typedef struct Late {
    Str name;
    MODEL_HEAD;
} Late;
extern const Model Late_model;
const Model Late_model = { MODEL(Late), FIELDS(Late, CharField(name, .max_length = 9)) };
