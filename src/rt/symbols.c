/*
 * symbols.c: functions, files and lines from the debugging symbols, by libdw. The library is not linked: most processes
 * never need it, and it would cost them start-up time and memory.
 */
#include "rt/symbols.h"
#include "base/config.h"

#if CLEF_HAVE_DW

#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHAIN_MAX = 32, DEPTH_MAX = 64 };

/* The functions of libdw that are used: name, result, parameters. */
#define LIBDW(F)                                                                                                       \
    F(dwfl_begin, Dwfl *, (const Dwfl_Callbacks *))                                                                    \
    F(dwfl_linux_proc_report, int, (Dwfl *, pid_t))                                                                    \
    F(dwfl_report_end, int, (Dwfl *, int (*)(Dwfl_Module *, void *, const char *, Dwarf_Addr, void *), void *))        \
    F(dwfl_addrmodule, Dwfl_Module *, (Dwfl *, Dwarf_Addr))                                                            \
    F(dwfl_module_info, const char *,                                                                                  \
      (Dwfl_Module *, void ***, Dwarf_Addr *, Dwarf_Addr *, Dwarf_Addr *, Dwarf_Addr *, const char **, const char **)) \
    F(dwfl_module_addrname, const char *, (Dwfl_Module *, GElf_Addr))                                                  \
    F(dwfl_module_addrdie, Dwarf_Die *, (Dwfl_Module *, Dwarf_Addr, Dwarf_Addr *))                                     \
    F(dwfl_linux_proc_find_elf, int, (Dwfl_Module *, void **, const char *, Dwarf_Addr, char **, Elf **))              \
    F(dwfl_standard_find_debuginfo, int,                                                                               \
      (Dwfl_Module *, void **, const char *, Dwarf_Addr, const char *, const char *, GElf_Word, char **))              \
    F(dwfl_module_nextcu, Dwarf_Die *, (Dwfl_Module *, Dwarf_Die *, Dwarf_Addr *))                                     \
    F(dwarf_haspc, int, (Dwarf_Die *, Dwarf_Addr))                                                                     \
    F(dwarf_child, int, (Dwarf_Die *, Dwarf_Die *))                                                                    \
    F(dwarf_siblingof, int, (Dwarf_Die *, Dwarf_Die *))                                                                \
    F(dwarf_getsrc_die, Dwarf_Line *, (Dwarf_Die *, Dwarf_Addr))                                                       \
    F(dwarf_linesrc, const char *, (Dwarf_Line *, Dwarf_Word *, Dwarf_Word *))                                         \
    F(dwarf_lineno, int, (Dwarf_Line *, int *))                                                                        \
    F(dwarf_tag, int, (Dwarf_Die *))                                                                                   \
    F(dwarf_diename, const char *, (Dwarf_Die *))                                                                      \
    F(dwarf_attr, Dwarf_Attribute *, (Dwarf_Die *, unsigned, Dwarf_Attribute *))                                       \
    F(dwarf_attr_integrate, Dwarf_Attribute *, (Dwarf_Die *, unsigned, Dwarf_Attribute *))                             \
    F(dwarf_formstring, const char *, (Dwarf_Attribute *))                                                             \
    F(dwarf_formudata, int, (Dwarf_Attribute *, Dwarf_Word *))                                                         \
    F(dwarf_getsrcfiles, int, (Dwarf_Die *, Dwarf_Files **, size_t *))                                                 \
    F(dwarf_filesrc, const char *, (Dwarf_Files *, size_t, Dwarf_Word *, Dwarf_Word *))

typedef struct Libdw {
#define MEMBER(name, result, parameters) result(*name) parameters;
    LIBDW(MEMBER)
#undef MEMBER
} Libdw;

static bool load(Libdw *dw)
{
    void *library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return false;
    static const struct {
        const char *name;
        size_t at;
    } functions[] = {
#define ENTRY(name, result, parameters) { #name, offsetof(Libdw, name) },
        LIBDW(ENTRY)
#undef ENTRY
    };
    for (size_t i = 0; i < CLEF_COUNT(functions); i++) {
        void *fn = dlsym(library, functions[i].name);
        if (!fn)
            return false;
        memcpy((char *)dw + functions[i].at, &fn, sizeof fn);
    }
    return true;
}

/* One address, and what is known of where it is. */
typedef struct Place {
    size_t at;
    uint64_t offset;
    const char *module;
    const char *folder; /* that a relative file is in */
} Place;

static void put(FILE *out, const Place *p, const char *function, const char *file, int line, bool inlined)
{
    fprintf(out, "%zu\t%llx\t%d\t%d\t%s\t%s\t%s\t%s\n", p->at, (unsigned long long)p->offset, line, inlined,
            p->module ? p->module : "", function ? function : "", p->folder ? p->folder : "", file ? file : "");
}

/*
 * The unit that has the code. The index of addresses is not there with every compiler (clang leaves it out): then unit
 * by unit.
 */
static Dwarf_Die *unit_of(const Libdw *dw, Dwfl_Module *module, Dwarf_Addr pc, Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dw->dwfl_module_addrdie(module, pc, bias);
    if (unit)
        return unit;
    while ((unit = dw->dwfl_module_nextcu(module, unit, bias)))
        if (dw->dwarf_haspc(unit, pc - *bias) == 1)
            return unit;
    return NULL;
}

/* The functions that have the code, outermost first: one that was compiled, and those inlined into it and each other. */
typedef struct Chain {
    Dwarf_Die function[CHAIN_MAX];
    size_t n;
} Chain;

/*
 * Walks the tree of what was compiled. (What libdw has for it, dwarf_getscopes, loses its way where a function was
 * inlined from another unit, as link-time optimisation does.)
 */
static void find_functions(const Libdw *dw, Dwarf_Die *in, Dwarf_Addr pc, Chain *chain, int depth)
{
    Dwarf_Die die;
    if (depth == DEPTH_MAX || dw->dwarf_child(in, &die) != 0)
        return;
    do {
        int tag = dw->dwarf_tag(&die);
        bool function = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
        bool scope = tag == DW_TAG_namespace || tag == DW_TAG_structure_type || tag == DW_TAG_class_type;
        if (!scope && ((!function && tag != DW_TAG_lexical_block) || dw->dwarf_haspc(&die, pc) != 1))
            continue;
        if (function && chain->n < CHAIN_MAX)
            chain->function[chain->n++] = die;
        find_functions(dw, &die, pc, chain, depth + 1);
        if (!scope || chain->n)
            return;
    } while (dw->dwarf_siblingof(&die, &die) == 0);
}

static const char *name_of(const Libdw *dw, Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    if (dw->dwarf_attr_integrate(die, DW_AT_name, &attribute))
        return dw->dwarf_formstring(&attribute);
    return dw->dwarf_diename(die);
}

/* Where an inlined function was called. */
static const char *call_of(const Libdw *dw, Dwarf_Die *unit, Dwarf_Die *die, int *line)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    *line = 0;
    if (dw->dwarf_attr(die, DW_AT_call_line, &attribute) && dw->dwarf_formudata(&attribute, &value) == 0)
        *line = (int)value;
    Dwarf_Files *files;
    size_t n;
    if (!dw->dwarf_attr(die, DW_AT_call_file, &attribute) || dw->dwarf_formudata(&attribute, &value) != 0 ||
        dw->dwarf_getsrcfiles(unit, &files, &n) != 0 || value >= n)
        return NULL;
    return dw->dwarf_filesrc(files, value, NULL, NULL);
}

static void put_address(const Libdw *dw, FILE *out, Dwfl *dwfl, size_t at, Dwarf_Addr pc)
{
    Place p = { .at = at };
    Dwfl_Module *module = dw->dwfl_addrmodule(dwfl, pc);
    if (!module)
        return;
    Dwarf_Addr start = 0;
    const char *main_file = NULL;
    const char *name = dw->dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, &main_file, NULL);
    p.module = main_file ? main_file : name;
    p.offset = pc - start;
    Dwarf_Addr bias;
    Dwarf_Die *unit = unit_of(dw, module, pc, &bias);
    int line = 0;
    const char *file = NULL;
    Chain chain = { .n = 0 };
    if (unit) {
        Dwarf_Attribute attribute;
        Dwarf_Line *source = dw->dwarf_getsrc_die(unit, pc - bias);
        if (source && dw->dwarf_lineno(source, &line) == 0)
            file = dw->dwarf_linesrc(source, NULL, NULL);
        if (dw->dwarf_attr(unit, DW_AT_comp_dir, &attribute))
            p.folder = dw->dwarf_formstring(&attribute);
        find_functions(dw, unit, pc - bias, &chain, 0);
    }
    if (chain.n == 0)
        put(out, &p, dw->dwfl_module_addrname(module, pc), file, line, false);
    for (size_t i = chain.n; i-- > 0;) {
        bool inlined = dw->dwarf_tag(&chain.function[i]) == DW_TAG_inlined_subroutine;
        put(out, &p, name_of(dw, &chain.function[i]), file, line, inlined);
        if (inlined)
            file = call_of(dw, unit, &chain.function[i], &line);
    }
}

void symbols_write(int fd, void *const *frames, size_t n)
{
    Libdw dw;
    if (!load(&dw))
        return;
    /* Symbols would be fetched over the network. */
    unsetenv("DEBUGINFOD_URLS");
    FILE *out = fdopen(fd, "w");
    Dwfl_Callbacks callbacks = { .find_elf = dw.dwfl_linux_proc_find_elf,
                                 .find_debuginfo = dw.dwfl_standard_find_debuginfo };
    Dwfl *dwfl = dw.dwfl_begin(&callbacks);
    if (!out || !dwfl || dw.dwfl_linux_proc_report(dwfl, getpid()) != 0)
        return;
    (void)dw.dwfl_report_end(dwfl, NULL, NULL);
    for (size_t i = 0; i < n; i++)
        put_address(&dw, out, dwfl, i, (uintptr_t)frames[i] - 1);
    (void)fflush(out);
}

#else

void symbols_write(int fd, void *const *frames, size_t n) { (void)fd, (void)frames, (void)n; }

#endif
