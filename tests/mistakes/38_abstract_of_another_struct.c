/* expect: Essay.stamps must be declared as: Stamped stamps */
#include "models.h"
typedef struct Stamped {
    DateTime made;
} Stamped;
typedef struct Essay {
    MODEL_HEAD;
    DateTime stamps;
} Essay;
extern const Model Stamped_model;
const Model Essay_model = { MODEL(Essay), FIELDS(Essay, Abstract(stamps, Stamped)) };
