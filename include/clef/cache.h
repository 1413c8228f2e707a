/* cache.h: values that may be forgotten: Django's cache framework. */
#ifndef CLEF_CACHE_H
#define CLEF_CACHE_H

#include <clef/cache/cache.h>
#include <clef/cache/driver.h>

#endif
