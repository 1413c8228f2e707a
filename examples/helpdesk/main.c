/* A help desk: tickets that people open by a form and that the desk answers. `./dev run` serves it. */
#include "settings.h"

int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "helpdesk", .settings = SETTINGS(development, production) });
}
