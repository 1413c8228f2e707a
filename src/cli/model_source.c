/*
 * model_source.c: models in C of tables that are there. Names follow Django's inspectdb: the table "blog_post" is the
 * model BlogPost, the column "author_id" with a foreign key the relation "author"; what had to be changed for C says so
 * beside the field.
 */
#include "cli/model_source.h"
#include "migrations/writer_expr.h"

enum { SOURCE_BYTES = 1 << 26, NOTES_MAX = 4, CHAIN_MAX = 32 };

typedef struct SourceField {
    const TableColumn *column;
    Str name;                     /* of the member; of a relation without "_id" */
    const char *notes[NOTES_MAX]; /* sentences */
    size_t nnotes;
    const struct SourceModel *to; /* NULL: no relation */
    const struct SourceField *to_field;
    bool primary_key, unique;
    const char *related_name;
} SourceField;

typedef struct SourceModel {
    const TableShown *table;
    Str name;
    SourceField *fields;
    size_t n;
    SourceField *pk; /* NULL: of several columns, or none */
    bool implied_id; /* the key is the id of MODEL_HEAD */
    const char *note;
} SourceModel;

/* --- names */

static bool is_among(const char *words, Str name)
{
    Str rest = str_c(words), word;
    while (str_cut(&rest, ' ', &word))
        if (str_eq(word, name))
            return true;
    return false;
}

/* What a member must not be called: words of C, macros of the system's headers, and what every struct has. */
static bool is_taken(Str name)
{
    static const char words[] = " alignas alignof asm auto bool break case char const constexpr continue default do "
                                "double else enum extern false "
                                "float for goto if inline int long nullptr register restrict return short signed "
                                "sizeof static static_assert struct "
                                "switch thread_local true typedef typeof typeof_unqual union unsigned void volatile "
                                "while linux unix errno stdin "
                                "stdout stderr assert offsetof row_state pk ";
    return is_among(words, name);
}

/* Types of Clef that a table of one word may be named like. */
static bool is_type(Str name)
{
    static const char words[] =
        " Accept Address App Arena Atomic Attr Boxed Buf Cache Caches Catalog Channel Charset Choice "
        "Command Condition Connector Constraint Context Crash Databases Date Decimal Decorator Digest "
        "Dotenv Duration Error Expr Fiber Field Form Formats Forwarded Frame Group Hasher Header Headers "
        "I18n Index Io Language Link List Locale Logger Lookup Loop Manager Map Middleware Migration Model "
        "Mutex Next Op Operation Paginator Pred Prefetch Process Project Receiver Ref Request Response "
        "Semaphore Setting Settings Shell Signal Signer Site Str Stream Template Time Timer "
        "Tls Url Uuid Validation Validator Value Values View Watcher Widget Worker ";
    return is_among(words, name);
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* "blog_post" is BlogPost. */
static Str model_name(ModelSource *s, Str table)
{
    Arena *a = s->cx->arena;
    char *out = arena_alloc(a, table.n + 8);
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < table.n; i++) {
        char c = table.p[i];
        if (is_letter(c))
            out[n++] = inside ? (char)(c | 32) : (char)(c & ~32);
        else if (is_digit(c))
            out[n++] = c;
        inside = is_letter(c);
    }
    Str name = str_from(out, n);
    if (!n || is_digit(out[0]))
        name = str_format(a, "Table%.*s", STR_FMT(name));
    if (is_type(name))
        name = str_format(a, "%.*sRow", STR_FMT(name));
    for (size_t i = 0; i < s->tables.n && s->models[i].name.n; i++)
        if (str_eq(s->models[i].name, name))
            return str_format(a, "%.*s%zu", STR_FMT(name), i);
    return name;
}

static void note(SourceField *f, const char *sentence)
{
    if (f->nnotes < NOTES_MAX)
        f->notes[f->nnotes++] = sentence;
}

static bool is_used(const SourceModel *m, Str name)
{
    for (const SourceField *f = m->fields; f < m->fields + m->n; f++)
        if (str_eq(f->name, name) ||
            (f->to && str_starts(name, f->name) && name.n == f->name.n + 3 && str_ends(name, STR("_id"))))
            return true;
    return false;
}

static Str member_name(Context *cx, const SourceModel *m, SourceField *f, bool relation)
{
    Arena *a = cx->arena;
    Str column = f->column->name, lower = str_lower(a, column), name = lower;
    if (!str_eq(lower, column))
        note(f, "Field name made lowercase.");
    if (relation && str_ends(name, STR("_id")) && name.n > 3)
        name = str_slice(name, 0, name.n - 3);
    char *out = arena_alloc(a, name.n + 1);
    bool changed = false;
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool plain = is_letter(c) || is_digit(c) || c == '_';
        changed |= !plain;
        c = plain ? c : '_';
        if (c == '_' && n && out[n - 1] == '_')
            changed = true; /* two of them are Django's sign for a relation */
        else
            out[n++] = c;
    }
    while (n > 1 && out[n - 1] == '_') {
        n--;
        changed = true;
    }
    name = str_from(out, n);
    if (changed)
        note(f, "Field renamed to remove unsuitable characters.");
    if (str_starts(name, STR("_"))) {
        name = str_format(a, "field%.*s", STR_FMT(name));
        note(f, "Field renamed because it started with '_'.");
    }
    if (!name.n || is_digit(name.p[0])) {
        name = str_format(a, "number_%.*s", STR_FMT(name));
        note(f, "Field renamed because it wasn't a valid C identifier.");
    }
    if (is_taken(name)) {
        name = str_format(a, "%.*s_field", STR_FMT(name));
        note(f, "Field renamed because it was a reserved word.");
    }
    if (is_used(m, name)) {
        Str free = name;
        for (int i = 0; is_used(m, free); i++)
            free = str_format(a, "%.*s_%d", STR_FMT(name), i);
        name = free;
        note(f, "Field renamed because of name conflict.");
    }
    return name;
}

/* --- relations */

static SourceModel *model_of(const ModelSource *s, Str table)
{
    for (size_t i = 0; i < s->tables.n; i++)
        if (str_eq(s->tables.p[i]->name, table))
            return &s->models[i];
    return NULL;
}

static SourceField *field_of(SourceModel *m, Str column)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (str_eq(m->fields[i].column->name, column))
            return &m->fields[i];
    return NULL;
}

static const TableKey *key_of(const TableShown *t, Str column)
{
    for (size_t i = 0; i < t->keys.n; i++)
        if (str_eq(t->keys.p[i].column, column))
            return &t->keys.p[i];
    return NULL;
}

static bool is_text(FieldKind kind)
{
    return kind == FIELD_CHAR || kind == FIELD_TEXT || kind == FIELD_GENERIC_IP || kind == FIELD_BINARY;
}

static bool is_integer(FieldKind kind)
{
    return kind == FIELD_INTEGER || kind == FIELD_BIG_INTEGER || kind == FIELD_SMALL_INTEGER ||
           (kind >= FIELD_POSITIVE_INTEGER && kind <= FIELD_POSITIVE_SMALL_INTEGER);
}

/* What the key of a relation is, through keys that are relations themselves. */
static FieldKind stored_kind(const SourceField *f)
{
    for (int i = 0; f->to && i < CHAIN_MAX; i++)
        f = f->to_field;
    return f->to ? FIELD_NONE : f->column->kind;
}

static void resolve_keys(ModelSource *s, SourceModel *m)
{
    for (size_t i = 0; i < m->n; i++) {
        SourceField *f = &m->fields[i];
        const TableKey *key = key_of(m->table, f->column->name);
        SourceModel *to = key ? model_of(s, key->table) : NULL;
        if (!key)
            continue;
        Str column = key->to.n ? key->to : to && to->table->pk.n == 1 ? to->table->pk.p[0] : (Str){ 0 };
        SourceField *target = field_of(to, column);
        if (!target)
            note(f, "A key to a table that is not among these.");
        else if (target == f)
            note(f, "A key that leads to itself.");
        else
            f->to = to, f->to_field = target;
    }
}

/* Keys of types that no relation can have are plain columns. */
static void check_keys(SourceModel *m)
{
    for (size_t i = 0; i < m->n; i++) {
        SourceField *f = &m->fields[i];
        FieldKind kind = f->to ? stored_kind(f) : FIELD_NONE;
        if (f->to && !is_integer(kind) && !is_text(kind) && kind != FIELD_UUID) {
            note(f, "A key of this type is no relation here.");
            f->to = NULL;
        }
    }
}

static void name_model(ModelSource *s, SourceModel *m)
{
    size_t n = m->n;
    m->n = 0;
    for (size_t i = 0; i < n; i++) {
        SourceField *f = &m->fields[i];
        f->name = member_name(s->cx, m, f, f->to != NULL);
        m->n = i + 1;
    }
    for (size_t i = 0; i < n; i++) /* several keys to one model need names for their ways back */
        for (size_t j = 0; j < i && m->fields[i].to && !m->fields[i].related_name; j++)
            if (m->fields[j].to == m->fields[i].to)
                m->fields[i].related_name =
                    str_format(s->cx->arena, "%.*s_%.*s_set", STR_FMT(str_lower(s->cx->arena, m->name)),
                               STR_FMT(m->fields[i].name))
                        .p;
}

static void find_key(SourceModel *m)
{
    const TableShown *t = m->table;
    for (size_t i = 0; i < t->unique.n; i++) {
        SourceField *f = t->unique.p[i].n == 1 ? field_of(m, t->unique.p[i].p[0]) : NULL;
        if (f)
            f->unique = true;
    }
    if (t->pk.n == 1)
        m->pk = field_of(m, t->pk.p[0]);
    for (size_t i = 0; !t->pk.n && i < m->n && !m->pk; i++)
        if (!m->fields[i].column->null || is_text(m->fields[i].column->kind)) {
            m->pk = &m->fields[i];
            m->note = "The table has no primary key, so that its first column stands for one: choose one that tells "
                      "rows apart.";
        }
    if (!t->pk.n && !m->pk)
        m->note =
            "The table has no primary key and no column that could stand for one: the model cannot be used as it is.";
    if (m->pk)
        m->pk->primary_key = true;
}

void model_source_prepare(ModelSource *s)
{
    Arena *a = s->cx->arena;
    s->models = NEW_ARRAY(a, SourceModel, s->tables.n + 1);
    memset(s->models, 0, (s->tables.n + 1) * sizeof *s->models);
    for (size_t i = 0; i < s->tables.n; i++) {
        SourceModel *m = &s->models[i];
        m->table = s->tables.p[i];
        m->name = model_name(s, m->table->name);
        m->n = m->table->columns.n;
        m->fields = NEW_ARRAY(a, SourceField, m->n + 1);
        memset(m->fields, 0, (m->n + 1) * sizeof *m->fields);
        for (size_t k = 0; k < m->n; k++)
            m->fields[k].column = &m->table->columns.p[k];
        find_key(m);
    }
    for (size_t i = 0; i < s->tables.n; i++)
        resolve_keys(s, &s->models[i]);
    for (size_t i = 0; i < s->tables.n; i++)
        check_keys(&s->models[i]);
    for (size_t i = 0; i < s->tables.n; i++) {
        SourceModel *m = &s->models[i];
        name_model(s, m);
        m->implied_id = (m->pk && str_eq(m->pk->name, STR("id")) && !m->pk->to && is_integer(m->pk->column->kind)) ||
                        (!m->pk && !m->table->pk.n);
    }
}

/* --- the struct */

static const char *member_type(const SourceField *f)
{
    static const struct {
        const char *plain, *opt;
    } types[FIELD_KINDS] = {
        [FIELD_BOOLEAN] = { "bool", "OptBool" },
        [FIELD_FLOAT] = { "double", "OptDouble" },
        [FIELD_DECIMAL] = { "Decimal", "OptDecimal" },
        [FIELD_DATE] = { "Date", "OptDate" },
        [FIELD_TIME] = { "Time", "OptTime" },
        [FIELD_DATETIME] = { "DateTime", "OptDateTime" },
        [FIELD_DURATION] = { "Duration", "OptDuration" },
        [FIELD_UUID] = { "Uuid", "OptUuid" },
        [FIELD_JSON] = { "Value", "Value" },
    };
    const TableColumn *c = f->column;
    bool opt = c->null && !f->primary_key;
    if (types[c->kind].plain)
        return opt ? types[c->kind].opt : types[c->kind].plain;
    return !is_integer(c->kind) ? "Str" : opt ? "OptInt" : "int64_t";
}

static void write_struct(Buf *b, const SourceModel *m)
{
    buf_printf(b, "struct %.*s {\n    %s;\n", STR_FMT(m->name), m->implied_id ? "MODEL_HEAD" : "MODEL_HEAD_NO_ID");
    for (size_t i = 0; i < m->n; i++) {
        const SourceField *f = &m->fields[i];
        if (m->implied_id && f == m->pk)
            continue;
        FieldKind kind = f->to ? stored_kind(f) : FIELD_NONE;
        if (f->to)
            buf_printf(b, "    REL%s(%.*s, %.*s);\n",
                       kind == FIELD_UUID ? "_UUID"
                       : is_text(kind)    ? "_STR"
                                          : "",
                       STR_FMT(f->to->name), STR_FMT(f->name));
        else
            buf_printf(b, "    %s %.*s;\n", member_type(f), STR_FMT(f->name));
    }
    BUF_LIT(b, "};\n\n");
}

Str model_source_header(const ModelSource *s, bool alone)
{
    Arena *a = s->cx->arena;
    Buf b = BUF_INIT(a, SOURCE_BYTES);
    Str upper = str_upper(a, s->label);
    buf_printf(
        &b,
        "/*\n * Models of tables that were there. What has to be done by hand:\n"
        " *   - bring the models into a readable order, and give them better names;\n"
        " *   - see that each has one field with .primary_key = true;\n"
        " *   - see that each ForeignKey and OneToOneField has the .on_delete that is wanted;\n"
        " *   - take .unmanaged out of those whose tables migrations shall change.\n"
        " * The names of tables (.db_table) and columns (.db_column) are those of the database: leave them.\n */\n");
    if (alone)
        buf_printf(&b, "#ifndef %.*s_MODELS_H\n#define %.*s_MODELS_H\n\n", STR_FMT(upper), STR_FMT(upper));
    BUF_LIT(&b, "#include <clef/clef.h>\n\n");
    for (size_t i = 0; i < s->tables.n; i++)
        buf_printf(&b, "typedef struct %.*s %.*s;\n", STR_FMT(s->models[i].name), STR_FMT(s->models[i].name));
    BUF_LIT(&b, "\n");
    for (size_t i = 0; i < s->tables.n; i++)
        write_struct(&b, &s->models[i]);
    for (size_t i = 0; i < s->tables.n; i++)
        buf_printf(&b, "extern const Model %.*s_model;\n", STR_FMT(s->models[i].name));
    buf_printf(&b, "extern const App %.*s_app;\n", STR_FMT(s->label));
    if (alone)
        BUF_LIT(&b, "\n#endif\n");
    return buf_view(&b);
}

/* --- the tables */

static const char *class_of(const SourceField *f)
{
    FieldKind kind = f->column->kind;
    if (f->column->is_auto && f->primary_key && is_integer(kind))
        kind = kind == FIELD_BIG_INTEGER ? FIELD_BIG_AUTO : kind == FIELD_SMALL_INTEGER ? FIELD_SMALL_AUTO : FIELD_AUTO;
    return field_class(&(Field){ .kind = kind });
}

static void option_text(Context *cx, Buf *b, const char *name, Str text)
{
    buf_printf(b, ", .%s = ", name);
    source_text(b, str_dup_c(cx->arena, text));
}

static void write_field(Context *cx, Buf *b, const SourceField *f)
{
    const TableColumn *c = f->column;
    bool opt = c->null && !f->primary_key;
    const char *type = member_type(f);
    Str column = f->to ? str_format(cx->arena, "%.*s_id", STR_FMT(f->name)) : f->name;
    for (size_t i = 0; i < f->nnotes; i++)
        buf_printf(b, "        /* %s */\n", f->notes[i]);
    if (c->guessed && !f->to)
        buf_printf(b, "        /* The type \"%.*s\" has no field: this one is a guess. */\n",
                   STR_FMT(str_replace(cx->arena, c->type, STR("*/"), STR("* /"))));
    if (c->kind == FIELD_DECIMAL && c->digits_guessed && !f->to)
        BUF_LIT(b,
                "        /* max_digits and decimal_places have been guessed, as the database does not tell them. */\n");
    if (f->to) {
        bool one = f->unique || f->primary_key;
        buf_printf(b, "        %s(%.*s, %.*s, .on_delete = DO_NOTHING", one ? "OneToOneField" : "ForeignKey",
                   STR_FMT(f->name), STR_FMT(f->to->name));
        if (f->to_field != f->to->pk)
            option_text(cx, b, "to_field", f->to_field->name);
        if (f->related_name)
            option_text(cx, b, "related_name", str_c(f->related_name));
        if (opt)
            BUF_LIT(b, ", .blank = true, .null = true");
    } else {
        bool by_name = str_starts(str_c(type), STR("Opt"));
        buf_printf(b, "        %s%s(%.*s", by_name ? "Opt" : "", class_of(f), STR_FMT(f->name));
        if (c->max_length)
            buf_printf(b, ", .max_length = %d", c->max_length);
        if (c->kind == FIELD_DECIMAL)
            buf_printf(b, ", .max_digits = %d, .decimal_places = %d", c->digits, c->places);
        if (opt)
            buf_c(b, by_name ? ", .blank = true" : ", .blank = true, .null = true");
        if (f->unique && !f->primary_key)
            BUF_LIT(b, ", .unique = true");
    }
    if (f->primary_key)
        BUF_LIT(b, ", .primary_key = true");
    if (!str_eq(column, c->name))
        option_text(cx, b, "db_column", c->name);
    if (c->collation.n && is_text(c->kind) && !f->to)
        option_text(cx, b, "db_collation", c->collation);
    if (c->comment.n)
        option_text(cx, b, "db_comment", c->comment);
    BUF_LIT(b, "),\n");
}

static void write_set(Buf *b, SourceModel *m, const TableNames *names, const char *before, const char *after)
{
    buf_c(b, before);
    for (size_t i = 0; i < names->n; i++) {
        const SourceField *f = field_of(m, names->p[i]);
        buf_printf(b, "%s\"%.*s\"", i ? ", " : "", STR_FMT(f ? f->name : names->p[i]));
    }
    buf_c(b, after);
}

static void write_model(const ModelSource *s, Buf *b, SourceModel *m)
{
    const TableShown *t = m->table;
    Context *cx = s->cx;
    bool first = true;
    if (m->note)
        buf_printf(b, "/* %s */\n", m->note);
    if (t->unreadable_unique)
        BUF_LIT(b, "/* A unique constraint could not be introspected. */\n");
    buf_printf(b, "const Model %.*s_model = {\n    MODEL(%.*s), .unmanaged = true", STR_FMT(m->name), STR_FMT(m->name));
    option_text(cx, b, "db_table", t->name);
    if (t->comment.n)
        option_text(cx, b, "db_table_comment", t->comment);
    BUF_LIT(b, ",\n");
    for (size_t i = 0; i < t->unique.n; i++) {
        if (t->unique.p[i].n < 2)
            continue;
        write_set(b, m, &t->unique.p[i], first ? "    UNIQUE_TOGETHER(ORDER(" : ", ORDER(", ")");
        first = false;
    }
    buf_c(b, first ? "" : "),\n");
    buf_printf(b, "    FIELDS(%.*s,\n", STR_FMT(m->name));
    if (t->pk.n > 1)
        write_set(b, m, &t->pk, "        CompositePrimaryKey(", "),\n");
    for (size_t i = 0; i < m->n; i++)
        write_field(cx, b, &m->fields[i]);
    if (b->n >= 2 && buf_view(b).p[b->n - 2] == ',')
        buf_truncate(b, b->n - 2);
    BUF_LIT(b, "),\n};\n\n");
}

Str model_source_tables(const ModelSource *s, bool alone)
{
    Buf b = BUF_INIT(s->cx->arena, SOURCE_BYTES);
    if (alone)
        BUF_LIT(&b, "#include \"models.h\"\n\n");
    for (size_t i = 0; i < s->tables.n; i++)
        write_model(s, &b, &s->models[i]);
    buf_printf(&b, "const App %.*s_app = { .label = \"%.*s\"", STR_FMT(s->label), STR_FMT(s->label));
    for (size_t i = 0; i < s->tables.n; i++)
        buf_printf(&b, "%s%.*s", i ? ",\n                     " : ",\n    .models = MODELS(",
                   STR_FMT(s->models[i].name));
    buf_c(&b, s->tables.n ? ") };\n" : " };\n");
    return buf_view(&b);
}
