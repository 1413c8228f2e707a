#ifndef TICKETS_MODELS_H
#define TICKETS_MODELS_H

#include <clef/clef.h>

#define OPEN     "open"
#define PENDING  "pending"
#define RESOLVED "resolved"

typedef struct Ticket {
    MODEL_HEAD;
    Str title;
    Str requester; /* who asks, by address */
    Str description;
    int16_t priority;
    Str status;
    DateTime created;
    DateTime updated;
} Ticket;
extern const Model Ticket_model;

#endif
