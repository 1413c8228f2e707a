/* One function for each environment; --settings or CLEF_SETTINGS chooses, and the first one of main.c is the default. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <clef/clef.h>

void base(Settings *s);
void development(Settings *s);
void production(Settings *s);

#endif
