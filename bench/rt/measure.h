/*
 * measure.h: counts of user-mode instructions and of time around a piece of code, for the small programs beside it.
 * Where the machine does not let a process count its instructions, only the time is shown.
 */
#ifndef CLEF_BENCH_RT_MEASURE_H
#define CLEF_BENCH_RT_MEASURE_H

#include <clef/rt/loop.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct Measure {
    int counter;
    int64_t began_ns;
    uint64_t began;
} Measure;

static inline uint64_t measure_count(const Measure *m)
{
    uint64_t n = 0;
    if (m->counter >= 0 && read(m->counter, &n, sizeof n) != sizeof n)
        return 0;
    return n;
}

static inline Measure measure_begin(void)
{
    struct perf_event_attr a = { .type = PERF_TYPE_HARDWARE,
                                 .size = sizeof a,
                                 .config = PERF_COUNT_HW_INSTRUCTIONS,
                                 .exclude_kernel = 1,
                                 .exclude_hv = 1 };
    Measure m = { .counter = (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0) };
    m.began = measure_count(&m);
    m.began_ns = loop_clock();
    return m;
}

/* Prints one line: what, nanoseconds each, instructions each. */
static inline void measure_end(const Measure *m, const char *what, int64_t times)
{
    int64_t ns = loop_clock() - m->began_ns;
    uint64_t n = measure_count(m) - m->began;
    printf("%-28s %8.1f ns", what, (double)ns / (double)times);
    if (m->counter >= 0) {
        printf(" %8.1f instructions", (double)n / (double)times);
        close(m->counter);
    }
    printf("\n");
}

#endif
