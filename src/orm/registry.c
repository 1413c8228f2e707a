/* registry.c: the populated models: names, columns, relations, and the checks that no compiler makes. */
#include "orm/check.h"
#include "orm/info.h"
#include "orm/queryset.h"
#include <clef/base/assert.h>
#include <clef/base/vec.h>
#include <clef/orm/router.h>

typedef VEC(ModelInfo *) Infos;

/* The one registry of the process. */
static struct {
    Arena *arena;
    ModelInfos infos;
    ModelInfos served; /* those that are not swapped out */
} registry;

typedef struct Populating {
    Arena *arena;
    Buf errors;
    VEC(const Model *) abstract; /* whose structs were looked at */
    bool historical;
} Populating;

static CLEF_PRINTF(2, 3) void complain(Populating *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (p->errors.n)
        buf_byte(&p->errors, '\n');
    buf_vprintf(&p->errors, format, args);
    va_end(args);
}

static Str lower_of(Arena *a, const char *name) { return str_lower(a, str_c(name)); }

static Str quote(Arena *a, Str name)
{
    return str_format(a, "\"%.*s\"", STR_FMT(str_replace(a, name, STR("\""), STR("\"\""))));
}

const char *field_class(const Field *f)
{
    static const char *const names[FIELD_KINDS] = {
        [FIELD_NONE] = "?",
        [FIELD_AUTO] = "AutoField",
        [FIELD_BIG_AUTO] = "BigAutoField",
        [FIELD_SMALL_AUTO] = "SmallAutoField",
        [FIELD_CHAR] = "CharField",
        [FIELD_SLUG] = "SlugField",
        [FIELD_TEXT] = "TextField",
        [FIELD_EMAIL] = "EmailField",
        [FIELD_URL] = "URLField",
        [FIELD_GENERIC_IP] = "GenericIPAddressField",
        [FIELD_BINARY] = "BinaryField",
        [FIELD_INTEGER] = "IntegerField",
        [FIELD_BIG_INTEGER] = "BigIntegerField",
        [FIELD_SMALL_INTEGER] = "SmallIntegerField",
        [FIELD_POSITIVE_INTEGER] = "PositiveIntegerField",
        [FIELD_POSITIVE_BIG_INTEGER] = "PositiveBigIntegerField",
        [FIELD_POSITIVE_SMALL_INTEGER] = "PositiveSmallIntegerField",
        [FIELD_BOOLEAN] = "BooleanField",
        [FIELD_FLOAT] = "FloatField",
        [FIELD_DECIMAL] = "DecimalField",
        [FIELD_DATE] = "DateField",
        [FIELD_TIME] = "TimeField",
        [FIELD_DATETIME] = "DateTimeField",
        [FIELD_DURATION] = "DurationField",
        [FIELD_UUID] = "UUIDField",
        [FIELD_JSON] = "JSONField",
        [FIELD_FILE] = "FileField",
        [FIELD_IMAGE] = "ImageField",
        [FIELD_FILE_PATH] = "FilePathField",
        [FIELD_FOREIGN_KEY] = "ForeignKey",
        [FIELD_ONE_TO_ONE] = "OneToOneField",
        [FIELD_MANY_TO_MANY] = "ManyToManyField",
        [FIELD_COMPOSITE] = "CompositePrimaryKey",
        [FIELD_PARENT] = "Parent",
        [FIELD_ABSTRACT] = "Abstract",
        [FIELD_GENERIC_KEY] = "GenericForeignKey",
        [FIELD_GENERIC_RELATION] = "GenericRelation",
    };
    return (unsigned)f->kind < FIELD_KINDS ? names[f->kind] : "?";
}

int field_max_length(const Field *f)
{
    if (f->max_length)
        return f->max_length;
    switch (f->kind) {
    case FIELD_SLUG:
        return 50;
    case FIELD_EMAIL:
        return 254;
    case FIELD_URL:
        return 200;
    case FIELD_FILE:
    case FIELD_IMAGE:
    case FIELD_FILE_PATH:
        return 100;
    case FIELD_GENERIC_IP:
        return 39;
    default:
        return 0;
    }
}

/* --- the first pass: names and columns */

static void add_field(Populating *p, ModelInfo *info, const Field *f)
{
    if (f->kind == FIELD_COMPOSITE) /* no column; see add_composite */
        return;
    FieldInfo *field = f->kind == FIELD_MANY_TO_MANY ? &info->between[info->nbetween] : &info->fields[info->n];
    Arena *a = p->arena;
    *field = (FieldInfo){ .f = f, .model = info, .name = str_c(f->name), .kind = f->kind, .stored = f };
    field->attname = field_is_relation(f) ? str_format(a, "%s_id", f->name) : field->name;
    field->column = f->db_column ? str_c(f->db_column) : field->attname;
    field->quoted = quote(a, field->column);
    if (f->kind == FIELD_MANY_TO_MANY) {
        info->nbetween++;
        return;
    }
    field->at = info->n++;
    if (!f->primary_key)
        return;
    if (info->pk && p->historical) /* between two migrations the first of them counts, as in Django */
        return;
    if (info->pk)
        complain(p, "%s.%s: The model cannot have more than one field with 'primary_key=True'. (models.E026)",
                 info->m->name, f->name);
    info->pk = field;
}

/* The key of a model that declares none: the link to its parent, or `id`. */
static void add_implied_key(Populating *p, ModelInfo *info)
{
    const Field *parent = NULL;
    for (size_t i = 0; i < info->m->nfields; i++)
        if (info->m->fields[i].kind == FIELD_PARENT)
            parent = &info->m->fields[i];
    if (!parent) {
        info->id = (Field){ .name = "id",
                            .kind = FIELD_BIG_AUTO,
                            .member = MEMBER_INT64,
                            .offset = sizeof(RowState *),
                            .size = sizeof(int64_t),
                            .primary_key = true,
                            .auto_created = true };
    } else {
        info->id = *parent;
        info->id.name = str_format(p->arena, "%.*s_ptr", STR_FMT(lower_of(p->arena, parent->to->name))).p;
        info->id.kind = FIELD_ONE_TO_ONE;
        info->id.primary_key = info->id.auto_created = info->id.parent_link = true;
    }
    add_field(p, info, &info->id);
}

/* The column of order_with_respect_to; a migration's state has it among its fields. */
static void add_order(Populating *p, ModelInfo *info)
{
    static const char *const by_order[] = { "_order", NULL };
    const Model *m = info->meta;
    if (p->historical)
        return;
    if (!m->order_size)
        complain(p, "%s: write ORDER_WITH_RESPECT_TO(%s, %s), and a member int64_t _order in the struct", m->name,
                 m->name, m->order_with_respect_to);
    info->order_field = (Field){ .name = "_order",
                                 .kind = FIELD_INTEGER,
                                 .member = MEMBER_INT64,
                                 .offset = m->order_offset,
                                 .size = sizeof(int64_t),
                                 .not_editable = true,
                                 .auto_created = true };
    info->order = &info->fields[info->n];
    add_field(p, info, &info->order_field);
    info->ordering = by_order;
}

/* The columns that the primary key is of. */
static void add_keys(Populating *p, ModelInfo *info)
{
    const Field *composite = NULL;
    for (size_t i = 0; i < info->meta->nfields; i++)
        if (info->meta->fields[i].kind == FIELD_COMPOSITE)
            composite = &info->meta->fields[i];
    const FieldInfo **keys = NEW_ARRAY(p->arena, const FieldInfo *, info->n + 1);
    info->keys = keys;
    if (!composite) {
        keys[0] = info->pk;
        info->nkeys = 1;
        return;
    }
    const Field **parts = NEW_ARRAY(p->arena, const Field *, info->n + 1);
    for (size_t i = 0; composite->key_names[i]; i++) {
        const FieldInfo *field = info_field(info, str_c(composite->key_names[i]));
        if (!field || info->nkeys == info->n) {
            complain(p, "%s.pk: '%s' cannot be included in the composite primary key: it is not a field of the model.",
                     info->m->name, composite->key_names[i]);
            continue;
        }
        if (field->f->null)
            complain(p, "%s.pk: '%s' cannot be included in the composite primary key: it is nullable. (models.E042)",
                     info->m->name, composite->key_names[i]);
        keys[info->nkeys] = field;
        parts[info->nkeys++] = field->f;
    }
    info->id = *composite;
    info->id.key_parts = parts;
    FieldInfo *pk = NEW(p->arena, FieldInfo);
    *pk = (FieldInfo){ .f = &info->id,
                       .model = info,
                       .name = STR("pk"),
                       .attname = STR("pk"),
                       .kind = FIELD_COMPOSITE,
                       .stored = &info->id };
    info->pk = pk;
}

static ModelInfo *add_model(Populating *p, const App *app, const Model *m)
{
    Arena *a = p->arena;
    ModelInfo *info = NEW(a, ModelInfo);
    Str error;
    *info = (ModelInfo){ .m = m,
                         .meta = model_with_abstract(a, app, m, &error),
                         .app = app,
                         .label = str_c(app->label),
                         .name = str_c(m->name),
                         .lower = lower_of(a, m->name),
                         .concrete = info };
    if (error.n)
        complain(p, "%.*s", STR_FMT(error));
    info->declared = info->meta;
    m = info->meta = model_without_generic(a, info->meta);
    info->swapped = swapped_for(info->label, m);
    info->table = m->db_table ? str_c(m->db_table) : str_format(a, "%s_%.*s", app->label, STR_FMT(info->lower));
    info->quoted = quote(a, info->table);
    info->fields = NEW_ARRAY(a, FieldInfo, m->nfields + 2);
    info->between = NEW_ARRAY(a, FieldInfo, m->nfields + 1);
    bool has_pk = m->proxy_of != NULL;
    for (size_t i = 0; i < m->nfields; i++)
        has_pk |= m->fields[i].primary_key;
    if (!has_pk)
        add_implied_key(p, info);
    for (size_t i = 0; i < m->nfields; i++)
        add_field(p, info, &m->fields[i]);
    if (m->order_with_respect_to)
        add_order(p, info);
    add_keys(p, info);
    for (size_t i = 0; i < info->n; i++)
        if (info->fields[i].f->parent_link && field_is_relation(info->fields[i].f))
            info->parent_link = &info->fields[i];
    info->m->slot->info = info;
    return info;
}

/* --- the second pass: relations and checks */

static void resolve_relation(Populating *p, ModelInfo *info, FieldInfo *field)
{
    const Field *f = field->f;
    ModelInfo *to = (ModelInfo *)f->to->slot->info;
    if (!to) {
        complain(p,
                 "%s.%s: the related model %s is in no application: add it to the MODELS of an App of INSTALLED_APPS",
                 info->m->name, f->name, f->to->name);
        return;
    }
    if (to->m->abstract)
        complain(p, "%s.%s: a relation cannot lead to the abstract model %s", info->m->name, f->name, f->to->name);
    if (to->swapped.n && !info->swapped.n && !p->historical)
        complain(p,
                 "%s.%s: Field defines a relation with the model '%.*s.%s', which has been swapped out: let it lead to "
                 "'%.*s', which the setting %s names. (fields.E301)",
                 info->m->name, f->name, STR_FMT(to->label), to->m->name, STR_FMT(to->swapped), to->meta->swappable);
    field->to = to;
    field->to_field = to->pk;
    if (f->to_field && !(field->to_field = info_field(to, str_c(f->to_field))))
        complain(p, "%s.%s: the to_field '%s' doesn't exist on the related model '%s'. (fields.E312)", info->m->name,
                 f->name, f->to_field, to->m->name);
}

static const FieldInfo *relation_to(const ModelInfo *through, const ModelInfo *to, const FieldInfo *not_this,
                                    const char *named)
{
    const FieldInfo *field = named ? info_field(through, str_c(named)) : NULL;
    if (named)
        return field && field->to && field->to->concrete == to->concrete ? field : NULL;
    for (size_t i = 0; i < through->n; i++)
        if (through->fields[i].to && through->fields[i].to->concrete == to->concrete && &through->fields[i] != not_this)
            return &through->fields[i];
    return NULL;
}

/* Which of several relations is meant must be said. */
static void check_through(Populating *p, const ModelInfo *info, const FieldInfo *field)
{
    static const char *const ends = "which is ambiguous. You must specify which foreign key should be used via "
                                    "through_fields.";
    size_t from = 0, to = 0;
    const ModelInfo *through = field->through;
    bool self = info->concrete == field->to->concrete;
    for (size_t i = 0; i < through->n; i++) {
        const ModelInfo *other = field_is_relation(through->fields[i].f) ? through->fields[i].to : NULL;
        from += other && other->concrete == info->concrete;
        to += other && other->concrete == field->to->concrete;
    }
    const char *own = field->f->name, *name = info->m->name;
    if (self && from > 2)
        complain(
            p,
            "%s.%s: The model is used as an intermediate model by '%s.%s', but it has more than two foreign keys to "
            "'%s', %s (fields.E333)",
            name, own, name, own, name, ends);
    if (!self && from > 1)
        complain(
            p,
            "%s.%s: The model is used as an intermediate model by '%s.%s', but it has more than one foreign key from "
            "'%s', %s (fields.E334)",
            name, own, name, own, name, ends);
    if (!self && to > 1)
        complain(
            p,
            "%s.%s: The model is used as an intermediate model by '%s.%s', but it has more than one foreign key to "
            "'%s', %s (fields.E335)",
            name, own, name, own, field->to->m->name, ends);
}

/* After all relations are resolved, those of the models between too. */
static void resolve_through(Populating *p, ModelInfo *info, FieldInfo *field)
{
    if (!field->through)
        return;
    const char *const *named = field->f->through_fields;
    field->through_from = relation_to(field->through, info, NULL, named ? named[0] : NULL);
    field->through_to =
        relation_to(field->through, field->to, field->through_from, named && named[0] ? named[1] : NULL);
    if (!named && field->f->through && !p->historical)
        check_through(p, info, field);
    /* Between two operations of a migration the model between may lack one of them still. */
    if ((!field->through_from || !field->through_to) && !p->historical)
        complain(p,
                 "%s.%s: The model is used as an intermediate model by '%s.%s', but it does not have a foreign key to "
                 "'%s' or '%s'. (fields.E333)",
                 info->m->name, field->f->name, info->m->name, field->f->name, info->m->name, field->to->m->name);
}

/* What is stored in a relation's column is what the key it leads to stores, through any number of relations. */
static void resolve_storage(Populating *p, ModelInfo *info, FieldInfo *field)
{
    const FieldInfo *at = field;
    for (unsigned depth = 0; at && field_is_relation(at->f); depth++) {
        if (depth > QUERY_MAX_DEPTH) {
            complain(p, "%s.%s: its key is a relation that leads back to itself", info->m->name, field->f->name);
            return;
        }
        at = at->to_field;
    }
    if (!at)
        return;
    field->stored = at->f;
    field->kind = at->f->kind;
    if (at != field && p->historical) {
        ((Field *)field->f)->member = at->f->member; /* the state's own copy */
        ((Field *)field->f)->size = at->f->size;
        return;
    }
    if (at != field && at->f->member != field->f->member)
        complain(p, "%s.%s: the key of %s is a %s: declare the member by %s", info->m->name, field->f->name,
                 field->to->m->name, field_class(at->f),
                 at->f->member == MEMBER_STR    ? "REL_STR"
                 : at->f->member == MEMBER_UUID ? "REL_UUID"
                                                : "REL");
}

static void check_options(Populating *p, const ModelInfo *info, const FieldInfo *field)
{
    const Field *f = field->f;
    const char *model = info->m->name;
    bool text = f->member == MEMBER_STR;
    if (f->kind == FIELD_CHAR && f->max_length <= 0 &&
        !p->historical) /* Django's own may have none, where a database can */
        complain(p, "%s.%s: CharFields must define a 'max_length' attribute. (fields.E120)", model, f->name);
    if (f->kind == FIELD_DECIMAL && (f->max_digits <= 0 || f->decimal_places < 0 || f->decimal_places > f->max_digits))
        complain(p, "%s.%s: DecimalFields must define 'max_digits', not smaller than 'decimal_places'. (fields.E132)",
                 model, f->name);
    if (f->auto_now && f->auto_now_add && !f->default_fn && !f->default_value.box)
        complain(p, "%s.%s: The options auto_now, auto_now_add, and default are mutually exclusive. (fields.E160)",
                 model, f->name);
    if (field_is_relation(f)) {
        if (f->on_delete == ON_DELETE_UNSET)
            complain(p, "%s.%s: a %s needs .on_delete: CASCADE, PROTECT, RESTRICT, SET_NULL, SET_DEFAULT or DO_NOTHING",
                     model, f->name, field_class(f));
        if (f->on_delete == SET_NULL && !f->null)
            complain(p, "%s.%s: Field specifies on_delete=SET_NULL, but cannot be null. (fields.E320)", model, f->name);
    } else if (f->null && !text && f->member != MEMBER_VALUE && f->member < MEMBER_OPT_INT) {
        complain(p, "%s.%s: a nullable %s needs a member that can be absent: write Opt%s, and the member as Opt...",
                 model, f->name, field_class(f), field_class(f));
    } else if (!f->null && f->member >= MEMBER_OPT_INT) {
        complain(p, "%s.%s: the column is not nullable, so the member needs no Opt...", model, f->name);
    }
    if (f->primary_key && f->null)
        complain(p, "%s.%s: Primary keys must not have null=True. (fields.E007)", model, f->name);
    if (field_is_auto(f) && !f->primary_key)
        complain(p, "%s.%s: AutoFields must set primary_key=True. (fields.E100)", model, f->name);
}

static void check_names(Populating *p, const ModelInfo *info, const char *const *names, const char *option)
{
    for (size_t i = 0; names && names[i] && !p->historical; i++) { /* a migration may take the field before the index */
        Str name = str_c(names[i]);
        if (str_starts(name, STR("-")))
            name = str_from_byte(name, 1);
        if (str_eq(name, STR("?")) || str_contains(name, STR("__")) || info_field(info, name))
            continue;
        complain(p, "%s: '%s' refers to the nonexistent field, related field, or lookup '%.*s'. (models.E015)",
                 info->m->name, option, STR_FMT(name));
    }
}

typedef struct Part {
    size_t from, to, align;
    const char *name;
} Part;

/* Members that no entry of FIELDS covers: a hole larger than what alignment explains. `head` bytes are covered before. */
static void check_members(Populating *p, const Model *m, size_t head)
{
    size_t n = 0;
    Part *parts = NEW_ARRAY(p->arena, Part, 2 * m->nfields + 4);
    parts[n++] = (Part){ 0, head, 8, m->abstract ? "the beginning" : "row_state" };
    if (m->order_size)
        parts[n++] = (Part){ m->order_offset, (size_t)m->order_offset + m->order_size, 8, "_order" };
    for (size_t i = 0; i < m->nfields; i++) {
        const Field *f = &m->fields[i];
        if (f->kind == FIELD_MANY_TO_MANY || f->kind == FIELD_COMPOSITE || f->kind == FIELD_GENERIC_RELATION)
            continue;
        if (f->kind == FIELD_GENERIC_KEY) {
            parts[n++] = (Part){ f->to_offset, f->to_offset + sizeof(void *), 8, f->name };
            continue;
        }
        if (f->kind == FIELD_PARENT) {
            parts[0] = (Part){ 0, f->size, 8, f->name };
            continue;
        }
        size_t align = f->kind == FIELD_ABSTRACT ? 8 : member_align(f->member);
        parts[n++] = (Part){ f->offset, (size_t)f->offset + f->size, align, f->name };
        if (field_is_relation(f))
            parts[n++] = (Part){ f->to_offset, f->to_offset + sizeof(void *), 8, f->name };
    }
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && parts[j].from < parts[j - 1].from; j--) {
            Part t = parts[j];
            parts[j] = parts[j - 1];
            parts[j - 1] = t;
        }
    parts[n] = (Part){ m->size, m->size, 8, NULL };
    for (size_t i = 1; i <= n; i++) {
        size_t end = parts[i - 1].to, align = parts[i].align;
        if (parts[i].from < end)
            complain(p, "%s: the member '%s' is a field twice", m->name, parts[i].name);
        if (parts[i].from > (end + align - 1) / align * align)
            complain(p, "%s: FIELDS has no entry for the member (or members) between '%s' and %s%s%s of the struct",
                     m->name, parts[i - 1].name, parts[i].name ? "'" : "", parts[i].name ? parts[i].name : "the end",
                     parts[i].name ? "'" : "");
    }
}

/* The structs of the abstract bases, each once. */
static void check_abstract(Populating *p, const Model *m, unsigned depth)
{
    for (size_t i = 0; i < m->nfields && depth < QUERY_MAX_DEPTH; i++) {
        const Model *base = m->fields[i].to;
        bool seen = m->fields[i].kind != FIELD_ABSTRACT;
        for (size_t j = 0; j < p->abstract.n && !seen; j++)
            seen = p->abstract.p[j] == base;
        if (seen)
            continue;
        VEC_PUSH(p->arena, &p->abstract, base);
        if (!base->other_members)
            check_members(p, base, 0);
        check_abstract(p, base, depth + 1);
    }
}

static void check_order(Populating *p, const ModelInfo *info)
{
    const Model *m = info->meta;
    check_names(p, info, m->ordering, "ordering");
    if (!m->order_with_respect_to)
        return;
    if (m->ordering)
        complain(p, "%s: 'ordering' and 'order_with_respect_to' cannot be used together. (models.E021)", m->name);
    const FieldInfo *field = info_field(info, str_c(m->order_with_respect_to));
    if (!field || !field->to)
        complain(p, "%s: 'order_with_respect_to' refers to the nonexistent relation '%s'.", m->name,
                 m->order_with_respect_to);
}

static void check_model(Populating *p, ModelInfo *info)
{
    const Model *m = info->meta;
    for (size_t i = 0; i < info->n && !m->proxy_of; i++) {
        check_options(p, info, &info->fields[i]);
        for (size_t j = 0; j < i; j++)
            if (str_eq(info->fields[i].column, info->fields[j].column))
                complain(p, "%s.%.*s: Field '%.*s' has column name '%.*s' that is used by another field. (models.E007)",
                         info->m->name, STR_FMT(info->fields[i].name), STR_FMT(info->fields[i].name),
                         STR_FMT(info->fields[i].column));
    }
    if (!p->historical)
        check_order(p, info);
    for (size_t i = 0; m->unique_together && m->unique_together[i]; i++)
        check_names(p, info, m->unique_together[i], "unique_together");
    for (size_t i = 0; i < m->nindexes; i++)
        check_names(p, info, m->indexes[i].fields, "indexes");
    for (size_t i = 0; i < m->nconstraints && !p->historical; i++)
        check_names(p, info, m->constraints[i].unique, "constraints");
    if (p->historical || m->proxy_of)
        return;
    if (!info->m->other_members)
        check_members(p, info->m, sizeof(RowState *) + (info->fields[0].f == &info->id ? sizeof(int64_t) : 0));
    check_abstract(p, info->m, 0);
}

/* Models between are made once the models of both ends are known; they are populated with the others. */
static void make_between(Populating *p, Infos *infos)
{
    size_t n = infos->n;
    for (size_t i = 0; i < n; i++) {
        ModelInfo *info = infos->p[i];
        for (size_t j = 0; j < info->nbetween && !info->m->proxy; j++) {
            FieldInfo *field = &info->between[j];
            if (!field->to || (info->swapped.n && !p->historical))
                continue;
            if (field->f->through) {
                field->through = field->f->through->slot->info;
                if (!field->through)
                    complain(p, "%s.%s: the model between, %s, is in no application", info->m->name, field->f->name,
                             field->f->through->name);
                continue;
            }
            ModelInfo *through = add_model(p, info->app, model_between(p->arena, info, field->f, field->to));
            (void)models_link(p->arena, &through, 1, true);
            through->between_only = true;
            field->through = through;
            VEC_PUSH(p->arena, infos, through);
        }
    }
}

/* What refers to a model refers to its proxies, too. */
static void share_referrers(const Infos *infos)
{
    for (size_t i = 0; i < infos->n; i++)
        infos->p[i]->referrers = infos->p[i]->concrete->referrers;
}

static void resolve(Populating *p, Infos *infos)
{
    Str errors = models_link(p->arena, infos->p, infos->n, p->historical);
    if (errors.n)
        complain(p, "%.*s", STR_FMT(errors));
    for (size_t i = 0; i < infos->n; i++) {
        ModelInfo *info = infos->p[i];
        for (size_t j = 0; j < i; j++)
            if (!info->m->proxy && !infos->p[j]->m->proxy && !info->swapped.n && !infos->p[j]->swapped.n &&
                !info->meta->unmanaged && !infos->p[j]->meta->unmanaged && !routers_are_installed() &&
                str_eq(infos->p[j]->table, info->table))
                complain(p, "db_table '%.*s' is used by multiple models: %s, %s. (models.E028)", STR_FMT(info->table),
                         infos->p[j]->m->name, info->m->name);
        for (size_t j = 0; j < info->nbetween && info->concrete == info; j++)
            resolve_relation(p, info, &info->between[j]);
    }
    make_between(p, infos);
    for (size_t i = 0; i < infos->n; i++)
        for (size_t j = 0; j < infos->p[i]->n && infos->p[i]->concrete == infos->p[i]; j++)
            if (field_is_relation(infos->p[i]->fields[j].f))
                resolve_relation(p, infos->p[i], &infos->p[i]->fields[j]);
    for (size_t i = 0; i < infos->n; i++) {
        ModelInfo *info = infos->p[i];
        for (size_t j = 0; j < info->nbetween && info->concrete == info; j++)
            resolve_through(p, info, &info->between[j]);
        for (size_t j = 0; j < info->n && info->concrete == info; j++) {
            FieldInfo *field = &info->fields[j];
            resolve_storage(p, info, field);
            if (field_is_relation(field->f) && field->to && !info->between_only &&
                (!info->swapped.n || p->historical)) {
                ModelInfo *to = (ModelInfo *)field->to->concrete;
                const FieldInfo **last = (const FieldInfo **)&to->referrers; /* in the order of the models */
                while (*last)
                    last = (const FieldInfo **)&((FieldInfo *)*last)->next_referrer;
                *last = field;
            }
        }
    }
    for (size_t i = 0; i < infos->n && !p->historical; i++) {
        Str complaints = generic_resolve(p->arena, infos->p[i]);
        if (complaints.n)
            complain(p, "%.*s", STR_FMT(complaints));
    }
    share_referrers(infos);
}

static uint64_t generation;

uint64_t models_generation(void) { return generation; }

ModelInfos models_populate(Arena *a, const ModelEntry *entries, size_t n, bool historical, Str *errors)
{
    Populating p = { .arena = a, .errors = BUF_INIT(a, 1 << 16), .historical = historical };
    Infos infos = { 0 };
    for (size_t i = 0; i < n; i++) {
        if (entries[i].m->slot->info)
            complain(&p, "the model %s is in the MODELS of two applications", entries[i].m->name);
        else
            VEC_PUSH(a, &infos, add_model(&p, entries[i].app, entries[i].m));
    }
    resolve(&p, &infos);
    generation++;
    for (size_t i = 0; i < infos.n; i++)
        if (!infos.p[i]->between_only)
            check_model(&p, infos.p[i]);
    ModelInfos all = { infos.p, infos.n };
    if (!historical)
        models_check(a, &all, &p.errors);
    *errors = buf_view(&p.errors);
    return all;
}

/* What is known ends with its arena: a test's, mostly. */
static void forget(void *arena)
{
    if (registry.arena != arena)
        return;
    for (size_t i = 0; i < registry.infos.n; i++)
        registry.infos.p[i]->m->slot->info = NULL;
    customs_forget();
    memset(&registry, 0, sizeof registry);
}

bool apps_populate(Arena *a, const App *const *apps, Str *error)
{
    VEC(ModelEntry) entries = { 0 };
    Buf b = BUF_INIT(a, 1 << 17);
    forget(registry.arena);
    arena_defer(a, forget, a);
    registry.arena = a;
    for (size_t i = 0; apps && apps[i]; i++) {
        for (size_t j = 0; j < i; j++)
            if (str_eq(str_c(apps[i]->label), str_c(apps[j]->label)))
                buf_printf(&b, "Application labels aren't unique, duplicates: %s\n", apps[i]->label);
        for (size_t j = 0; apps[i]->models && apps[i]->models[j]; j++)
            VEC_PUSH(a, &entries, (ModelEntry){ apps[i], apps[i]->models[j] });
    }
    customs_populate(a, apps, &b);
    registry.infos = models_populate(a, entries.p, entries.n, false, error);
    registry.served.p = NEW_ARRAY(a, ModelInfo *, registry.infos.n + 1);
    for (size_t i = 0; i < registry.infos.n; i++)
        if (!registry.infos.p[i]->swapped.n && !registry.infos.p[i]->between_only)
            registry.served.p[registry.served.n++] = registry.infos.p[i];
    buf_str(&b, *error);
    *error = str_trim(buf_view(&b));
    return error->n == 0;
}

/* --- what is known */

const ModelInfo *model_info(Context *cx, const Model *m)
{
    if (CLEF_UNLIKELY(!m->slot->info))
        RAISE(cx, 500, "model_not_installed",
              "The model %s is in no application: add it to the MODELS of an App of INSTALLED_APPS.", m->name);
    return m->slot->info;
}

const ModelInfo *model_info_known(const Model *m)
{
    if (CLEF_UNLIKELY(!m->slot->info))
        PANIC("the model %s is in no populated application", m->name);
    return m->slot->info;
}

const FieldInfo *info_field(const ModelInfo *info, Str name)
{
    if (str_eq(name, STR("pk")))
        return info->pk;
    for (; info; info = info->base)
        for (size_t i = 0; i < info->n; i++)
            if (str_eq(info->fields[i].name, name) || str_eq(info->fields[i].attname, name))
                return &info->fields[i];
    return NULL;
}

const FieldInfo *info_of_field(const ModelInfo *info, const Field *f)
{
    for (size_t i = 0; i < info->nall; i++)
        if (info->all[i]->f == f)
            return info->all[i];
    return NULL;
}

Str model_app_label(const Model *m) { return model_info_known(m)->label; }
Str model_table(const Model *m) { return model_info_known(m)->table; }
size_t model_field_count(const Model *m) { return model_info_known(m)->nall; }

const Field *model_field_at(const Model *m, size_t i)
{
    const ModelInfo *info = model_info_known(m);
    return i < info->nall ? info->all[i]->f : NULL;
}

const Field *model_field(const Model *m, Str name)
{
    const FieldInfo *field = info_field(model_info_known(m), name);
    return field ? field->f : NULL;
}

const char *model_get_latest_by(const Model *m) { return model_info_known(m)->meta->get_latest_by; }

const Field *model_pk(const Model *m) { return model_info_known(m)->pk->f; }

Str model_column(const Model *m, const Field *f)
{
    const FieldInfo *field = info_of_field(model_info_known(m), f);
    return field ? field->column : (Str){ 0 };
}

/* "BlogPost" is read as "blog post". */
Str model_verbose_name(const Model *m)
{
    if (m->slot->info && m->slot->info->meta->verbose_name)
        return str_c(m->slot->info->meta->verbose_name);
    if (m->verbose_name)
        return str_c(m->verbose_name);
    Buf b = BUF_INIT(registry.arena, 256);
    for (const char *s = m->name; *s; s++) {
        bool upper = *s >= 'A' && *s <= 'Z';
        bool before = s > m->name && ((s[-1] >= 'a' && s[-1] <= 'z') || (s[1] >= 'a' && s[1] <= 'z'));
        if (upper && before)
            buf_byte(&b, ' ');
        buf_byte(&b, upper ? (char)(*s + 32) : *s);
    }
    return buf_view(&b);
}

Str model_app_verbose_name(Arena *a, const Model *m)
{
    const App *app = model_info_known(m)->app;
    if (app->verbose_name)
        return str_c(app->verbose_name);
    char *text = (char *)(uintptr_t)str_dup_c(a, str_replace(a, str_c(app->label), STR("_"), STR(" ")));
    for (char *p = text; *p; p++)
        if (*p >= 'a' && *p <= 'z' && (p == text || p[-1] == ' '))
            *p = (char)(*p - 32);
    return str_c(text);
}

const Model *model_concrete(const Model *m) { return model_info_known(m)->concrete->m; }

const Model *model_find(Str app_label, Str name)
{
    for (size_t i = 0; i < registry.infos.n; i++) {
        const ModelInfo *info = registry.infos.p[i];
        if (!info->between_only && str_eq(info->label, app_label) && str_ieq(info->name, name))
            return info->m;
    }
    return NULL;
}

const Model *model_at(size_t i) { return i < registry.served.n ? registry.served.p[i]->m : NULL; }

const ModelInfos *models_known(void) { return &registry.infos; }
