/*
 * crash_report.c: reports of AddressSanitizer and UndefinedBehaviorSanitizer as crashes. Both print their report and
 * end the process by way of a callback, in which the fiber can be left.
 *
 * At that point the sanitizer holds the lock of its reports. With clang its runtime is part of the program, and the
 * lock can be given back; gcc's is a shared library that keeps it to itself, so there the next report of this process
 * ends it without a further word.
 */
#include "rt/crash.h"

#if CLEF_ASAN

#include <dlfcn.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/* The runtime's; hence not CLEF_PRIVATE. Not there with gcc. */
void release_reports(void) __asm__("_ZN11__sanitizer22ScopedErrorReportLock6UnlockEv") __attribute__((weak));
void __ubsan_get_current_report_data(const char **kind, const char **message, const char **file, unsigned *line,
                                     unsigned *column, char **address) __attribute__((weak));
void __ubsan_on_report(void);

/* Of the report under way; the callback that ends it is given nothing. */
static __thread char text[CRASH_MESSAGE_MAX];

static void on_address_report(const char *report)
{
    RawText t = RAW_TEXT(text);
    raw_str(&t, report);
}

/* Called by the runtime at every report of undefined behaviour, before it is printed. */
CLEF_EXPORT void __ubsan_on_report(void)
{
    if (!crash_seat() || !__ubsan_get_current_report_data)
        return;
    const char *kind = NULL, *message = NULL, *file = NULL;
    unsigned line = 0, column = 0;
    char *address = NULL;
    __ubsan_get_current_report_data(&kind, &message, &file, &line, &column, &address);
    RawText t = RAW_TEXT(text);
    raw_str(&t, file ? file : "?");
    raw_str(&t, ":");
    raw_u64(&t, line);
    raw_str(&t, ":");
    raw_u64(&t, column);
    raw_str(&t, ": runtime error: ");
    raw_str(&t, message ? message : kind ? kind : "undefined behaviour");
}

static void on_death(void)
{
    char report[CRASH_MESSAGE_MAX];
    memcpy(report, text, sizeof report);
    text[0] = 0;
    /* Once more without a text: AddressSanitizer was not made to report twice, and trips over itself. */
    const char *what = strstr(report, "AddressSanitizer") ? "AddressSanitizer: memory error"
                       : report[0]                        ? "UndefinedBehaviorSanitizer: undefined behaviour"
                                                          : "a sanitizer ends the process";
    if (release_reports && report[0] && fiber_self())
        release_reports();
    crash_reported(what, report);
}

/* gcc's two runtimes are libraries of their own, with a death callback each; the name reaches the first. */
static void on_each_death(void (*fn)(void))
{
    __sanitizer_set_death_callback(fn);
    void *library = dlopen("libubsan.so.1", RTLD_LAZY | RTLD_NOLOAD);
    if (!library)
        return;
    void (*set)(void (*)(void)) = (void (*)(void (*)(void)))dlsym(library, "__sanitizer_set_death_callback");
    if (set)
        set(fn);
    (void)dlclose(library);
}

void crash_reports_begin(void)
{
    __asan_set_error_report_callback(on_address_report);
    on_each_death(on_death);
}

void crash_reports_end(void)
{
    __asan_set_error_report_callback(NULL);
    on_each_death(NULL);
}

#else

void crash_reports_begin(void) {}
void crash_reports_end(void) {}

#endif
