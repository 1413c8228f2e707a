/* signing.h: texts and values that leave the program and come back unchanged. */
#ifndef CLEF_SIGNING_H
#define CLEF_SIGNING_H

#include <clef/signing/signer.h>

#endif
