/* The tests of the project: each has a database of its own, in memory, and may be a client of the site (<clef/test/client.h>). */
#include "settings/settings.h"

#include <clef/test/project.h>

int main(int argc, char **argv)
{
    return clef_test_main(argc, argv, &(Project){ .name = "@project@", .settings = SETTINGS(development, production) });
}
