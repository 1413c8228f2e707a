/* urls.h: URL tables, resolving a path, reversing a name. */
#ifndef CLEF_URLS_H
#define CLEF_URLS_H

#include <clef/urls/conf.h>
#include <clef/urls/path.h>
#include <clef/urls/request.h>
#include <clef/urls/reverse.h>

#endif
