/* write.h: what the writers of expressions share. */
#ifndef ORM_WRITE_H
#define ORM_WRITE_H

#include "orm/queryset.h"

static inline bool node_is_json(const Node *n) { return n->out && n->out->kind == FIELD_JSON; }

/* write.c: a dialect's template with the arguments of a node. */
CLEF_PRIVATE(void, template_write, Writer *w, Buf *b, const char *template, const Node *n);

/* write_json.c. A template of one argument; NULL: the argument as it is. */
CLEF_PRIVATE(void, template_around, Writer *w, Buf *b, const char *template, const Node *n);
/*
 * The path of keys as a value; raises where the database has no such paths. `name`: the last is a key whatever it looks
 * like.
 */
CLEF_PRIVATE(const Node *, json_path_node, Writer *w, const Str *keys, size_t n, bool name);
/* A NODE_KEY. */
CLEF_PRIVATE(void, json_key_write, Writer *w, Buf *b, const Node *n);
/* The right side of an equality with JSON. */
CLEF_PRIVATE(void, json_value_write, Writer *w, Buf *b, const Node *left, const Node *right);
/* has_key and its kin, contains, contained_by. */
CLEF_PRIVATE(void, json_compare_write, Writer *w, Buf *b, const Node *n);

#endif
