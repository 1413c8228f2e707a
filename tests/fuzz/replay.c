/*
 * replay.c: runs fuzz targets over files, without a fuzzer. `clef-fuzz-replay CORPUS` runs every target over the files of
 * CORPUS/<target>/; `clef-fuzz-replay TARGET FILE...` runs one over the files. Each input is named on standard error
 * before it runs, so that the last name is the one that crashed. Ends with `N passed, N failed`.
 */
#include <clef/base/api.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzzers.h"

typedef int FuzzFn(const uint8_t *data, size_t n);

#define FUZZER(name) FuzzFn fuzz_##name;
FUZZERS
#undef FUZZER

static const struct {
    const char *name;
    FuzzFn *fn;
} fuzzers[] = {
#define FUZZER(name) { #name, fuzz_##name },
    FUZZERS
#undef FUZZER
    { NULL, NULL },
};

enum { LARGEST = 16 << 20 };

static int passed, failed;

/* The input lies in memory of its exact size, so that a read past its end is seen. */
static void run_file(FuzzFn *fn, const char *path)
{
    FILE *f = fopen(path, "rb");
    long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    uint8_t *data = size >= 0 && size <= LARGEST ? malloc((size_t)size) : NULL;
    if (data && fseek(f, 0, SEEK_SET) == 0 && fread(data, 1, (size_t)size, f) == (size_t)size) {
        fprintf(stderr, "%s\n", path);
        fn(data, (size_t)size);
        passed++;
    } else {
        printf("%s: cannot be read, or larger than %d bytes\n", path, LARGEST);
        failed++;
    }
    free(data);
    if (f)
        fclose(f);
}

static void run_corpus(const char *corpus, const char *name, FuzzFn *fn)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", corpus, name);
    DIR *dir = opendir(path);
    int before = passed;
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (e->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s/%s", corpus, name, e->d_name);
            run_file(fn, path);
        }
    if (dir)
        closedir(dir);
    if (passed == before) {
        printf("%s/%s: no seeds\n", corpus, name);
        failed++;
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s CORPUS | TARGET FILE...\n", argv[0]);
        return 2;
    }
    bool found = argc == 2;
    for (size_t i = 0; fuzzers[i].fn; i++) {
        if (argc == 2) {
            run_corpus(argv[1], fuzzers[i].name, fuzzers[i].fn);
        } else if (strcmp(argv[1], fuzzers[i].name) == 0) {
            found = true;
            for (int a = 2; a < argc; a++)
                run_file(fuzzers[i].fn, argv[a]);
        }
    }
    if (!found)
        printf("no fuzz target is called %s\n", argv[1]), failed++;
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
