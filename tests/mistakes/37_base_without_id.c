/* expect: write BASE_NO_ID(Place, place) */
#include "models.h"
typedef struct Place {
    MODEL_HEAD_NO_ID;
    int32_t id;
} Place;
typedef struct Cafe {
    BASE(Place, place);
    bool wifi;
} Cafe;
