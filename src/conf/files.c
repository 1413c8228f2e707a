/* files.c: files in the program. The build of the project defines the table, or nobody does. */
#include <clef/conf/files.h>

extern const ProjectFile embedded_project_files[] __asm__("clef_embedded_project_files") __attribute__((weak));

const ProjectFile *project_files(void) { return embedded_project_files; }
