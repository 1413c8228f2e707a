/* net.h: the HTTP server. */
#ifndef CLEF_NET_H
#define CLEF_NET_H

#include <clef/net/http_server.h>

#endif
