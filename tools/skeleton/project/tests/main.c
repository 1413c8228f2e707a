#include "settings/settings.h"

#include <clef/test/project.h>

int main(int argc, char **argv)
{
    return clef_test_main(argc, argv, &(Project){ .name = "@project@", .settings = SETTINGS(development) });
}
