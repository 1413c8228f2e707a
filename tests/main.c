/* main.c: the project's own tests, in one program. */
#include <clef/test.h>

int main(int argc, char **argv) { return test_main(argc, argv); }
