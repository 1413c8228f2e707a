/* fields.c: the suite `fields`: one field, one input, cleaned. */
#include "conformance/environment.h"
#include "conformance/form_tables.h"

typedef struct Case {
    const FormField *f;
    Value input, initial, cleaned;
    const TimeZone *zone;
    ValidationErrors errors;
    bool ok;
} Case;

static void clean(Context *cx, void *arg)
{
    Case *c = arg;
    FieldRun run;
    FormClass cls = { .name = "Recorded", .size = sizeof(Value), .fields = c->f, .nfields = 1 };
    Form *form = form_create(cx, NULL, &cls, (FormOptions){ .unbound = true });
    field_run_init(&run, cx, c->f, c->zone);
    ChoiceList *list = NEW(cx->arena, ChoiceList);
    list->arena = cx->arena;
    for (const Choice *choice = c->f->choices; choice && choice->display; choice++) {
        if (!choice->group)
            choices_add(list, choice->value.box(cx->arena, choice->value.at), str_c(choice->display));
        for (const Choice *inner = choice->group; inner && inner->display; inner++)
            choices_add(list, inner->value.box(cx->arena, inner->value.at), str_c(inner->display));
    }
    run.form = form;
    run.choices = list;
    c->ok = field_clean(&run, c->input, c->initial, &c->cleaned);
    c->errors = run.errors;
}

static Value input_of(Arena *a, TimeZones *zones, Value v)
{
    if (v.tag == VALUE_MAP && map_has(v.map, STR("$file")))
        return value_uploaded_file(form_table_file(a, v.map));
    return template_case_value(a, zones, v);
}

static bool answer(Run *run, const Map *record, Value *got, Value *expected)
{
    Arena *a = run->scratch;
    TimeZones *zones = timezones_create(a, (Str){ 0 });
    FormField f;
    if (!form_table_field(a, zones, record, 0, &f))
        return false;
    f.name = "field";
    Case c = { .f = &f,
               .input = input_of(a, zones, record_get(record, "input")),
               .initial = input_of(a, zones, record_get(record, "initial")) };
    Value env = record_get(record, "env"),
          settings = env.tag == VALUE_MAP ? record_get(env.map, "settings") : value_null();
    if (settings.tag == VALUE_MAP && value_truth(record_get(settings.map, "USE_TZ"))) {
        Str zone = record_text(env.map, "timezone");
        if (!zone.n)
            zone = record_text(settings.map, "TIME_ZONE");
        if (timezones_get(zones, zone.n ? zone : STR("America/Chicago"), &c.zone) != TIMEZONE_OK)
            c.zone = NULL;
    }
    /* The project's formats are those of its fields here. */
    if (settings.tag == VALUE_MAP && !f.input_formats) {
        const char *name = f.kind == FORM_FIELD_DATE   ? "DATE_INPUT_FORMATS"
                           : f.kind == FORM_FIELD_TIME ? "TIME_INPUT_FORMATS"
                                                       : "DATETIME_INPUT_FORMATS";
        Value formats = record_get(settings.map, name);
        if (formats.tag == VALUE_LIST) {
            const char **p = NEW_ARRAY(a, const char *, formats.list->n + 1);
            for (size_t i = 0; i < formats.list->n; i++)
                p[i] = str_dup_c(a, formats.list->p[i].s);
            f.input_formats = p;
        }
    }
    Context cx;
    context_init(&cx, a);
    if (env.tag == VALUE_MAP)
        cx.locale = case_locale(&cx, case_i18n(a, zones, env), env);
    /* A recording with separators of its own and no language was made with none active. */
    if (env.tag == VALUE_MAP && !map_has(env.map, STR("language")) && settings.tag == VALUE_MAP &&
        map_has(settings.map, STR("DECIMAL_SEPARATOR")))
        cx.locale = locale_language(&cx, STR(""));
    const Error *e = attempt(&cx, clean, &c);
    Map *g = map_new(a), *x = map_new(a);
    if (e) {
        map_set(g, STR("raised"), value_str(str_copy(a, e->message)));
    } else if (c.ok) {
        map_set(g, STR("cleaned"), form_table_notation(a, c.cleaned));
    } else {
        List *texts = list_new(a), *codes = list_new(a);
        for (size_t i = 0; i < c.errors.n; i++) {
            list_push(a, texts, value_str(validation_error_text(a, &c.errors.p[i])));
            list_push(a, codes, value_str(c.errors.p[i].code));
        }
        map_set(g, STR("errors"), value_list(texts));
        map_set(g, STR("codes"), value_list(codes));
    }
    if (map_has(record, STR("cleaned")))
        map_set(x, STR("cleaned"), form_table_notation(a, input_of(a, zones, record_get(record, "cleaned"))));
    else {
        map_set(x, STR("errors"), record_get(record, "errors"));
        map_set(x, STR("codes"), record_get(record, "codes"));
    }
    *got = value_map(g);
    *expected = value_map(x);
    context_finish(&cx);
    return true;
}

const Suite fields_suite = { .name = "fields", .answer = answer };
