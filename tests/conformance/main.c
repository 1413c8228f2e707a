/*
 * main.c: clef-conformance SUITE [--compiled] [--database NAME] FILE...: runs recorded cases; ends with `N passed, N
 * failed`.
 */
#include "conformance/conformance.h"

#include <clef/codec/json.h>
#include <stdio.h>
#include <string.h>

#ifndef EXCLUDED
#define EXCLUDED "tests/conformance/EXCLUDED.md"
#endif

/* clang-format off */
static const Suite *const suites[] = {
    &autodetector_suite,
    &fields_suite,
    &forms_suite,
    &functions_suite,
    &orm_suite,
    &schema_suite,
    &signing_suite,
    &templates_suite,
    &urls_suite,
    &validators_suite,
};
/* clang-format on */

Str read_whole_file(Arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return (Str){ 0 };
    Buf b = BUF_INIT(a, (size_t)64 << 20);
    buf_add(&b, "", 0);
    while (buf_reserve(&b, 65536)) {
        size_t n = fread(b.p + b.n, 1, 65536, f);
        if (n == 0)
            break;
        b.n += n;
        b.p[b.n] = 0;
    }
    fclose(f);
    return buf_view(&b);
}

/*
 * The ids of EXCLUDED.md: lines "- `id`: why."; `fn:name` stands for all cases of a function, `id on mariadb` for the
 * case on that database alone.
 */
static Map *read_excluded(Arena *a)
{
    Map *ids = map_new(a);
    Str text = read_whole_file(a, EXCLUDED), line;
    while (str_cut(&text, '\n', &line)) {
        size_t from = str_find(line, STR("- `")), to = str_find(line, STR("`: "));
        if (from == 0 && to != STR_NPOS && to + 3 < line.n)
            map_set(ids, str_slice(line, 3, to), value_bool(true));
    }
    return ids;
}

typedef struct Counts {
    size_t passed, failed, excluded;
} Counts;

static Str as_json(Arena *a, Value v)
{
    Buf b = BUF_INIT(a, (size_t)16 << 20);
    if (!json_write(&b, v, (JsonStyle){ .unicode = true, .sort_names = true, .nan = true }))
        return STR("<a value that JSON cannot show>");
    return buf_view(&b);
}

static void run_case(Run *run, const Suite *suite, Str line, const Map *excluded, Counts *counts)
{
    Arena *a = run->scratch;
    Value record, got = { 0 }, expected = { 0 };
    JsonError error;
    if (!json_read(a, line, (JsonOptions){ .nan = true, .replace_surrogates = true }, &record, &error) ||
        record.tag != VALUE_MAP) {
        printf("FAILED %s: a line is no JSON object: %.*s\n", run->file, STR_FMT(json_error_text(a, &error)));
        counts->failed++;
        return;
    }
    Str id = record_text(record.map, "id");
    Str function = str_concat(a, STR("fn:"), record_text(record.map, "fn"));
    Str there = str_format(a, "%.*s on %s", STR_FMT(id), run->database);
    if (map_has(excluded, id) || map_has(excluded, function) || map_has(excluded, there)) {
        counts->excluded++;
        return;
    }
    if (!suite->answer(run, record.map, &got, &expected)) {
        got = value_str(STR("<this kind of case is not known to the suite>"));
        expected = record;
    }
    Str g = as_json(a, got), e = as_json(a, expected);
    bool ok = str_eq(g, e);
    if (!ok)
        printf("FAILED %.*s\n  got      %.*s\n  expected %.*s\n", STR_FMT(id), STR_FMT(g), STR_FMT(e));
    ok ? counts->passed++ : counts->failed++;
}

static bool run_file(Run *run, const Suite *suite, const Map *excluded, Counts *counts)
{
    Str text = read_whole_file(run->arena, run->file), line;
    if (str_is_null(text)) {
        fprintf(stderr, "clef-conformance: %s cannot be read\n", run->file);
        return false;
    }
    if (suite->open && !suite->open(run))
        return false;
    while (str_cut(&text, '\n', &line))
        if (str_trim(line).n) {
            run_case(run, suite, line, excluded, counts);
            arena_reset(run->scratch);
        }
    return true;
}

int main(int argc, char **argv)
{
    const Suite *suite = NULL;
    for (size_t i = 0; argc > 2 && i < CLEF_COUNT(suites); i++)
        if (strcmp(argv[1], suites[i]->name) == 0)
            suite = suites[i];
    if (!suite) {
        fprintf(stderr, "usage: clef-conformance SUITE [--compiled] [--database NAME] FILE...\nsuites:");
        for (size_t i = 0; i < CLEF_COUNT(suites); i++)
            fprintf(stderr, " %s", suites[i]->name);
        fprintf(stderr, "\n");
        return 2;
    }
    Run run = { .arena = arena_create(NULL, 0, 0), .database = "sqlite" };
    run.scratch = arena_create(run.arena, 0, 0);
    Counts counts = { 0 };
    Map *excluded = read_excluded(run.arena);
    bool ok = true;
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "--compiled") == 0)
            run.compiled = true;
        else if (strcmp(argv[i], "--database") == 0 && i + 1 < argc)
            run.database = argv[++i];
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--compiled") == 0)
            continue;
        if (strcmp(argv[i], "--database") == 0) {
            i++;
            continue;
        }
        run.file = argv[i];
        ok &= run_file(&run, suite, excluded, &counts);
    }
    if (suite->close)
        suite->close(&run);
    printf("note: %zu excluded (tests/conformance/EXCLUDED.md)\n", counts.excluded);
    printf("%zu passed, %zu failed\n", counts.passed, counts.failed);
    arena_destroy(run.arena);
    return !ok || counts.failed != 0;
}
