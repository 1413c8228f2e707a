/* rt.h: the runtime: event loop, fibers, waiting, raising, threads, files, processes. */
#ifndef CLEF_RT_H
#define CLEF_RT_H

#include <clef/rt/address.h>
#include <clef/rt/backtrace.h>
#include <clef/rt/context.h>
#include <clef/rt/crash.h>
#include <clef/rt/fiber.h>
#include <clef/rt/file.h>
#include <clef/rt/io.h>
#include <clef/rt/loop.h>
#include <clef/rt/path.h>
#include <clef/rt/pool.h>
#include <clef/rt/process.h>
#include <clef/rt/signal.h>
#include <clef/rt/stream.h>
#include <clef/rt/sync.h>
#include <clef/rt/tls.h>
#include <clef/rt/watch.h>

#endif
