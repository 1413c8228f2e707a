/* A shop of books and gadgets: 18 models that use most of what models can express, for the shell and the commands. */
#include "settings.h"

int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "shop", .settings = SETTINGS(development) });
}
