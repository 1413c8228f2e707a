/* net.h: the HTTP server, and the supervisor of the processes that run it. */
#ifndef CLEF_NET_H
#define CLEF_NET_H

#include <clef/net/client.h>
#include <clef/net/http_crash.h>
#include <clef/net/http_server.h>
#include <clef/net/http_tls.h>
#include <clef/net/supervisor.h>
#include <clef/net/worker.h>

#endif
