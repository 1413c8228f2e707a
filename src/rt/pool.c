/*
 * pool.c: threads for what blocks. A job lies on the stack of the fiber that waits for it, so queueing allocates nothing.
 * Finished jobs gather in a list; the first one in an empty list posts one call to the loop, which wakes all their fibers.
 */
#include "rt/pool.h"
#include "rt/loop.h"
#include <clef/base/assert.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { DEFAULT_THREADS = 4, MAX_THREADS = 64, DEFAULT_JOBS = 1024, THREAD_STACK = 512 << 10 };

typedef struct Job Job;
struct Job {
    Job *next;
    OffloadFn *fn;
    void *arg;
    Fiber *fiber;
    bool done; /* written and read on the loop's thread */
};

struct Pool {
    Loop *loop;
    unsigned max_threads, max_jobs; /* written before there are threads */
    pthread_mutex_t lock;           /* for all below */
    pthread_cond_t work;
    Job *first, **end; /* wait for a thread */
    Job *finished;
    unsigned jobs, threads, idle;
    bool stopping;
    pthread_t thread[MAX_THREADS];
};

static void wake_finished(void *arg)
{
    Pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    Job *job = pool->finished;
    pool->finished = NULL;
    pthread_mutex_unlock(&pool->lock);
    while (job) {
        Job *next = job->next; /* the job is gone once its fiber runs */
        job->done = true;
        fiber_wake(job->fiber);
        job = next;
    }
}

static void finish(Pool *pool, Job *job)
{
    pthread_mutex_lock(&pool->lock);
    bool first = !pool->finished;
    job->next = pool->finished;
    pool->finished = job;
    pthread_mutex_unlock(&pool->lock);
    /* The loop's queue may be full of other calls; this one must not be lost. */
    while (first && !loop_post(pool->loop, wake_finished, pool))
        nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}

static void *thread_main(void *arg)
{
    Pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->first && !pool->stopping) {
            pool->idle++;
            pthread_cond_wait(&pool->work, &pool->lock);
            pool->idle--;
        }
        Job *job = pool->first;
        if (!job)
            break;
        pool->first = job->next;
        if (!pool->first)
            pool->end = &pool->first;
        pool->jobs--;
        pthread_mutex_unlock(&pool->lock);
        job->fn(job->arg);
        finish(pool, job);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static Pool *pool_of(Loop *loop)
{
    if (loop->pool)
        return loop->pool;
    Pool *pool = NEW(loop->arena, Pool);
    *pool = (Pool){ .loop = loop, .max_threads = DEFAULT_THREADS, .max_jobs = DEFAULT_JOBS };
    pool->end = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    return loop->pool = pool;
}

void loop_limit_pool(Loop *loop, unsigned threads, unsigned jobs)
{
    Pool *pool = pool_of(loop);
    ASSERT(pool->threads == 0);
    pool->max_threads = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads;
    pool->max_jobs = jobs < 1 ? 1 : jobs;
}

/* One more thread, with every signal blocked: signals belong to the loop's thread. */
static bool start_thread(Pool *pool)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes))
        return false;
    pthread_attr_setstacksize(&attributes, THREAD_STACK);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&pool->thread[pool->threads], &attributes, thread_main, pool) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    pool->threads += ok;
    return ok;
}

int offload(OffloadFn *fn, void *arg)
{
    Fiber *self = fiber_self();
    if (!self) {
        fn(arg);
        return 0;
    }
    Pool *pool = pool_of(loop_current());
    Job job = { .fn = fn, .arg = arg, .fiber = self };
    pthread_mutex_lock(&pool->lock);
    bool taken = pool->jobs < pool->max_jobs;
    if (taken && pool->idle <= pool->jobs && pool->threads < pool->max_threads && !start_thread(pool))
        taken = pool->threads > 0; /* without a new thread the others will come to it */
    if (taken) {
        *pool->end = &job;
        pool->end = &job.next;
        pool->jobs++;
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    if (!taken)
        return -EAGAIN;
    while (!job.done)
        fiber_park();
    return 0;
}

void pool_destroy(Pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->threads; i++)
        pthread_join(pool->thread[i], NULL);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
}
