/* layout.c: models whose struct nobody wrote: those of a migration's state, and those between two others. */
#include "orm/info.h"

typedef struct Shape {
    MemberType plain, optional;
} Shape;

static Shape shape_of(FieldKind kind)
{
    switch (kind) {
    case FIELD_BOOLEAN:
        return (Shape){ MEMBER_BOOL, MEMBER_OPT_BOOL };
    case FIELD_FLOAT:
        return (Shape){ MEMBER_DOUBLE, MEMBER_OPT_DOUBLE };
    case FIELD_DECIMAL:
        return (Shape){ MEMBER_DECIMAL, MEMBER_OPT_DECIMAL };
    case FIELD_DATE:
        return (Shape){ MEMBER_DATE, MEMBER_OPT_DATE };
    case FIELD_TIME:
        return (Shape){ MEMBER_TIME, MEMBER_OPT_TIME };
    case FIELD_DATETIME:
        return (Shape){ MEMBER_DATETIME, MEMBER_OPT_DATETIME };
    case FIELD_DURATION:
        return (Shape){ MEMBER_DURATION, MEMBER_OPT_DURATION };
    case FIELD_UUID:
        return (Shape){ MEMBER_UUID, MEMBER_OPT_UUID };
    case FIELD_JSON:
        return (Shape){ MEMBER_VALUE, MEMBER_VALUE };
    case FIELD_AUTO:
    case FIELD_BIG_AUTO:
    case FIELD_SMALL_AUTO:
    case FIELD_FOREIGN_KEY:
    case FIELD_ONE_TO_ONE:
        return (Shape){ MEMBER_INT64, MEMBER_INT64 };
    default:
        if (kind >= FIELD_INTEGER && kind <= FIELD_POSITIVE_SMALL_INTEGER)
            return (Shape){ MEMBER_INT64, MEMBER_OPT_INT };
        return (Shape){ MEMBER_STR, MEMBER_STR };
    }
}

static uint16_t size_of(MemberType type)
{
    switch (type) {
    case MEMBER_STR:
        return sizeof(Str);
    case MEMBER_BOOL:
        return sizeof(bool);
    case MEMBER_DOUBLE:
        return sizeof(double);
    case MEMBER_DECIMAL:
        return sizeof(Decimal);
    case MEMBER_DATE:
        return sizeof(Date);
    case MEMBER_TIME:
        return sizeof(Time);
    case MEMBER_DATETIME:
        return sizeof(DateTime);
    case MEMBER_DURATION:
        return sizeof(Duration);
    case MEMBER_UUID:
        return sizeof(Uuid);
    case MEMBER_VALUE:
        return sizeof(Value);
    case MEMBER_OPT_INT:
        return sizeof(OptInt);
    case MEMBER_OPT_BOOL:
        return sizeof(OptBool);
    case MEMBER_OPT_DOUBLE:
        return sizeof(OptDouble);
    case MEMBER_OPT_DECIMAL:
        return sizeof(OptDecimal);
    case MEMBER_OPT_DATE:
        return sizeof(OptDate);
    case MEMBER_OPT_TIME:
        return sizeof(OptTime);
    case MEMBER_OPT_DATETIME:
        return sizeof(OptDateTime);
    case MEMBER_OPT_DURATION:
        return sizeof(OptDuration);
    case MEMBER_OPT_UUID:
        return sizeof(OptUuid);
    default:
        return sizeof(int64_t);
    }
}

enum { ALIGN = 8, KEY_ROOM = 16 /* of a key that may turn out to be a Str or a Uuid */ };
_Static_assert(sizeof(Str) <= KEY_ROOM && sizeof(Uuid) <= KEY_ROOM, "a key of any kind fits");

void model_layout(Model *m, Field *fields)
{
    size_t at = sizeof(RowState *);
    bool has_pk = false;
    for (size_t i = 0; i < m->nfields; i++)
        has_pk |= fields[i].primary_key;
    if (!has_pk)
        at += sizeof(int64_t);
    for (size_t i = 0; i < m->nfields; i++) {
        Field *f = &fields[i];
        if (f->kind == FIELD_MANY_TO_MANY || f->kind == FIELD_COMPOSITE)
            continue;
        Shape shape = shape_of(f->kind);
        f->member = f->null ? shape.optional : shape.plain;
        f->size = size_of(f->member);
        if (field_is_relation(f)) {
            f->to_offset = (uint16_t)at;
            at += sizeof(void *);
        }
        f->offset = (uint16_t)at;
        at += field_is_relation(f) ? KEY_ROOM : ((size_t)f->size + ALIGN - 1) / ALIGN * ALIGN;
    }
    m->fields = fields;
    m->size = at;
}

/* "from_thing" and "to_thing" when both ends are the same model, else the models' names. */
Model *model_between(Arena *a, const ModelInfo *from, const Field *f, const ModelInfo *to)
{
    bool self = from == to;
    Field *fields = NEW_ARRAY(a, Field, 3);
    Model *m = NEW(a, Model);
    Str table = f->db_table ? str_c(f->db_table) : str_format(a, "%.*s_%s", STR_FMT(from->table), f->name);
    fields[0] = (Field){ .name = "id", .kind = FIELD_BIG_AUTO, .primary_key = true, .auto_created = true };
    for (int i = 1; i <= 2; i++) {
        const ModelInfo *end = i == 1 ? from : to;
        const char *prefix = !self ? "" : i == 1 ? "from_" : "to_";
        fields[i] = (Field){ .name = str_format(a, "%s%.*s", prefix, STR_FMT(end->lower)).p,
                             .kind = FIELD_FOREIGN_KEY,
                             .to = end->m,
                             .no_constraint = f->no_constraint,
                             .on_delete = CASCADE };
    }
    const char **pair = NEW_ARRAY(a, const char *, 3);
    const char *const **pairs = NEW_ARRAY(a, const char *const *, 2);
    pair[0] = fields[1].name;
    pair[1] = fields[2].name;
    pairs[0] = pair;
    *m = (Model){ .name = str_format(a, "%s_%s", from->m->name, f->name).p,
                  .slot = NEW(a, ModelSlot),
                  .nfields = 3,
                  .db_table = table.p,
                  .unique_together = pairs,
                  .unmanaged = from->m->unmanaged };
    model_layout(m, fields);
    for (int i = 1; i <= 2; i++) {
        const ModelInfo *end = i == 1 ? from : to;
        fields[i].member = end->pk->f->member;
        fields[i].size = end->pk->f->size;
    }
    return m;
}
