/* upload.h: multipart forms: fields into POST, files into memory or temporary files. */
#ifndef CLEF_SRC_HTTP_UPLOAD_H
#define CLEF_SRC_HTTP_UPLOAD_H

#include "http/request.h"

/* Reads the body as multipart/form-data into parts->post and parts->files. Raises as request.h says. */
CLEF_PRIVATE(void, upload_parse, Request *r);

#endif
