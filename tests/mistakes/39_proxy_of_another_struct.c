/* expect: a proxy has the struct of its base: typedef Post Draft */
#include "models.h"
typedef Author Draft;
const Model Draft_model = { PROXY(Draft, Post) };
