/* crash.c: the page for a crash: the signal, or a sanitizer's report, and where. */
#include "debug/page.h"

#include <clef/debug/live.h>

Str debug_crash_page(Arena *a, const Settings *settings, const HttpCrash *what)
{
    if (!settings || !settings->debug)
        return (Str){ 0 };
    const Crash *crash = what->crash;
    const HttpHead *head = what->x ? what->x->head : NULL;
    DebugPage p = { .b = BUF_INIT(a, DEBUG_PAGE_MAX), .a = a, .settings = settings };
    page_begin(
        &p, STR("Crash"), str_c(crash->what),
        crash->stack_overflow
            ? STR("The stack ran over: an endless recursion, or a large array in a function. Stacks are small; "
                  "large things belong in the request's arena.")
            : STR("The request was given up. The process goes on only to finish what else is under way; the next "
                  "requests are answered by a new one."));
    page_facts_begin(&p);
    if (head)
        page_fact(&p, "Request", str_format(a, "%.*s %.*s", STR_FMT(head->method_name), STR_FMT(head->target)));
    page_facts_end(&p);
    bool report = crash->message.n != 0;
    page_main(&p, report ? (const char *const[]){ "trace", "Where it happened", "report", "Report", "request",
                                                  "Request", "settings", "Settings", NULL }
                         : (const char *const[]){ "trace", "Where it happened", "request", "Request", "settings",
                                                  "Settings", NULL });
    page_calls(&p, what->frames, what->nframes);
    if (report) {
        page_section(&p, "report", "Report");
        page_preformatted(&p, crash->message);
        page_section_end(&p);
    }
    if (head)
        page_head(&p, head);
    page_settings(&p);
    Str number = live_number();
    if (number.n)
        p.tail = live_tag(a, number);
    return page_end(&p);
}
