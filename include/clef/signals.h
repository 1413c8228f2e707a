/* signals.h: telling whoever listens that something happened. */
#ifndef CLEF_SIGNALS_H
#define CLEF_SIGNALS_H

#include <clef/signals/builtin.h>
#include <clef/signals/signal.h>

#endif
