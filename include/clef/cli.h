/* cli.h: the command line: projects, their main program, commands. */
#ifndef CLEF_CLI_H
#define CLEF_CLI_H

#include <clef/cli/command.h>
#include <clef/cli/project.h>

#endif
