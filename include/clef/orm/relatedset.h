/*
 * relatedset.h: the rows on the other side of a relation: what Django reaches by post.tags and author.posts.
 *
 *     QuerySet *posts = RELATED_SET(r, author, "posts");           author.posts.all()
 *     RELATED_ADD(r, post, "tags", news, sport);                   post.tags.add(news, sport)
 *     RELATED_REMOVE(r, post, "tags", sport);
 *     RELATED_REPLACE(r, post, "tags", news, local);               post.tags.set([news, local])
 *     RELATED_CLEAR(r, post, "tags");
 *     RELATED_ADD_THROUGH(r, book, "contributors", THROUGH(SET("role", 2)), ann);     book.contributors.add(ann, through_defaults={"role": 2})
 *
 * Reading the rows reads those of all siblings, the rows of the same result, by the same query: a loop over authors and
 * their posts costs two. What is narrowed further (FILTER, ORDER_BY, SLICE, COUNT) is asked for that row alone.
 *
 * The name is that of a ManyToManyField, or the name that a relation has from its other side. Rows or primary keys are
 * given. Adding to a ManyToManyField links what is not linked yet, in one transaction, and sends m2m_changed
 * (clef/signals/builtin.h); adding to the other side of a ForeignKey sets the key of the rows. Raised: 500
 * "field_error" when there is no such relation, "value_error" for a row that was not saved or is of another model.
 * Where the table between is a model of the program's own, its rows are made with its defaults and the members that are
 * given for them: Django's through_defaults. "type_error": they were given, and there is no such model.
 * https://docs.djangoproject.com/en/6.0/ref/models/relations/
 */
#ifndef CLEF_ORM_RELATEDSET_H
#define CLEF_ORM_RELATEDSET_H

#include <clef/orm/queryset.h>

CLEF_API(QuerySet *, related_set, Context *cx, void *row, const char *name) CLEF_NONNULL CLEF_MUST_USE;
/* The same for a place of the program, which warnings name; file NULL: not known. */
CLEF_API(QuerySet *, related_set_at, Context *cx, void *row, const char *name, const char *file, int line)
CLEF_MUST_USE;
/* How many links were made, undone. */
CLEF_API(size_t, related_add, Context *cx, void *row, const char *name, Values values);
CLEF_API(size_t, related_remove, Context *cx, void *row, const char *name, Values values);
CLEF_API(size_t, related_clear, Context *cx, void *row, const char *name);
/* Makes it these: removes the others, adds what is missing. */
CLEF_API(void, related_replace, Context *cx, void *row, const char *name, Values values);

CLEF_API(size_t, related_add_through, Context *cx, void *row, const char *name, const NamedExpr *through,
         Values values);
CLEF_API(void, related_replace_through, Context *cx, void *row, const char *name, const NamedExpr *through,
         Values values);

#define RELATED_SET(r, row, name)          related_set_at(CX(r), (row), (name), __FILE__, __LINE__)
#define RELATED_ADD(r, row, name, ...)     related_add(CX(r), (row), (name), VALUES(__VA_ARGS__))
#define RELATED_REMOVE(r, row, name, ...)  related_remove(CX(r), (row), (name), VALUES(__VA_ARGS__))
#define RELATED_REPLACE(r, row, name, ...) related_replace(CX(r), (row), (name), VALUES(__VA_ARGS__))
#define RELATED_CLEAR(r, row, name)        related_clear(CX(r), (row), (name))
/* The members of the rows between: THROUGH(SET("role", 2)). */
#define THROUGH(...) CLEF_NAMED(__VA_ARGS__)
#define RELATED_ADD_THROUGH(r, row, name, through, ...) \
    related_add_through(CX(r), (row), (name), (through), VALUES(__VA_ARGS__))
#define RELATED_REPLACE_THROUGH(r, row, name, through, ...) \
    related_replace_through(CX(r), (row), (name), (through), VALUES(__VA_ARGS__))

#endif
