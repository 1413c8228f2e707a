/*
 * generic.h: relations to rows of any model: one column says which model (a key to ContentType), another which row of it.
 *
 *     typedef struct TaggedItem {
 *         MODEL_HEAD;
 *         Str tag;
 *         REL(ContentType, content_type);
 *         int64_t object_id;
 *         GENERIC_REL(content_object);                          void *content_object, NULL until loaded
 *     } TaggedItem;
 *     const Model TaggedItem_model = {
 *         MODEL(TaggedItem),
 *         FIELDS(TaggedItem, SlugField(tag), ForeignKey(content_type, ContentType, .on_delete = CASCADE),
 *                PositiveBigIntegerField(object_id), GenericForeignKey(content_object, content_type, object_id)),
 *         INDEXES(INDEX("content_type", "object_id")),
 *     };
 *
 *     CREATE(r, TaggedItem, .tag = STR("c"), .content_object = post);
 *     EACH (TaggedItem, item, PREFETCH_RELATED(OBJECTS(r, TaggedItem), PREFETCH("content_object"))) {
 *         void *row = RELATED(r, item, content_object);          NULL where the row is gone
 *         if (row && row_model(row) == &Post_model) ...
 *     }
 *
 * A row in content_object fills the two keys when the item is saved, if they are empty; GENERIC_SET changes all three.
 * RELATED follows the keys as they are now, and reads the rows of all siblings by one statement for each model among
 * them.
 *
 * The way back is declared by the models that want it, and needs no member:
 *
 *     const Model Post_model = { MODEL(Post), FIELDS(Post, ..., GenericRelation(tags, TaggedItem, .related_query_name = "post")) };
 *
 *     RELATED_SET(r, post, "tags")                               post.tags.all()
 *     RELATED_ADD(r, post, "tags", item);                        gives the item to this post; REMOVE, CLEAR delete the items
 *     FILTER(OBJECTS(r, Post), LOOKUP("tags__tag", "c"))
 *     FILTER(OBJECTS(r, TaggedItem), LOOKUP("post__title", "x")) by related_query_name
 *
 * Deleting a post then deletes its items, too. Both may have the names of the two fields of their own:
 * GenericRelation(tags, TaggedItem, .type_field = "content_type", .id_field = "object_id"). `.for_proxies = true` is
 * Django's for_concrete_model=False. The object ids may be texts, for models with keys of different types. Neither is a
 * column: migrations do not see them. https://docs.djangoproject.com/en/6.0/ref/contrib/contenttypes/#generic-relations
 */
#ifndef CLEF_CONTENTTYPES_GENERIC_H
#define CLEF_CONTENTTYPES_GENERIC_H

#include <clef/contenttypes/contenttype.h>

#define GenericForeignKey(m, type, id, ...) (CLEF_GENERIC, m, type, id, __VA_ARGS__)
#define GenericRelation(m, To, ...)         (CLEF_BETWEEN, m, To, FIELD_GENERIC_RELATION, __VA_ARGS__)

/*
 * Makes the GenericForeignKey `m` of row lead to `to` (NULL: to nothing): the member and both keys. The row is not
 * saved.
 */
#define GENERIC_SET(r, row, m, to) generic_set(CX(r), (row), offsetof(__typeof__(*(row)), m), (to))

#endif
