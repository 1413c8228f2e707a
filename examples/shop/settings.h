#ifndef SETTINGS_H
#define SETTINGS_H

#include <clef/clef.h>

void development(Settings *s);

#endif
