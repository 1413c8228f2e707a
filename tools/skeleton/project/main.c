#include "settings/settings.h"

int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "@project@", .settings = SETTINGS(development, production) });
}
