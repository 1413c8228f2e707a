/* shell_parse.c: what is typed at the shell: a tree, or a sentence that says where it is wrong. */
#include "shell/ast.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t nodes(const Ast *a)
{
    size_t sum = 1;
    for (size_t i = 0; a && i < a->n; i++)
        sum += nodes(a->parts[i]);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *arena = arena_create(NULL, 64 << 20, 4096);
    Program program;
    Str error = { 0 }, text = str_from((const char *)data, n);
    if (shell_parse(arena, text, &program, &error)) {
        for (size_t i = 0; i < program.n; i++)
            if (nodes(program.p[i]) > 4 * n + 16)
                abort();
    } else if (!error.n) {
        abort();
    }
    (void)shell_goes_on(text);
    arena_destroy(arena);
    return 0;
}
