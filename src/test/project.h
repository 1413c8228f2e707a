/* project.h: inside of tests of a project. The public contract is in <clef/test/project.h>. */
#ifndef CLEF_SRC_TEST_PROJECT_H
#define CLEF_SRC_TEST_PROJECT_H

#include "test/runner.h"
#include <clef/test/project.h>

#endif
