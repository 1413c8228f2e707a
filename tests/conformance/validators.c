/* validators.c: the suite `validators`: Django's class by name, its parameters as a Validator. */
#include "conformance/template_values.h"

#include <clef/validators.h>

typedef struct Named {
    const char *name;
    ValidatorFn *check;
} Named;

static const Named named[] = {
    { "RegexValidator", check_regex },
    { "URLValidator", check_url },
    { "EmailValidator", check_email },
    { "DomainNameValidator", check_domain_name },
    { "validate_ipv4_address", check_ipv4 },
    { "validate_ipv6_address", check_ipv6 },
    { "validate_ipv46_address", check_ipv46 },
    { "MaxValueValidator", check_max_value },
    { "MinValueValidator", check_min_value },
    { "StepValueValidator", check_step_value },
    { "MinLengthValidator", check_min_length },
    { "MaxLengthValidator", check_max_length },
    { "DecimalValidator", check_decimal },
    { "FileExtensionValidator", check_file_extension },
    { "ProhibitNullCharactersValidator", check_no_nulls },
};

static const char *const *words_of(Arena *a, Value list)
{
    if (list.tag != VALUE_LIST)
        return NULL;
    const char **words = NEW_ARRAY(a, const char *, list.list->n + 1);
    for (size_t i = 0; i < list.list->n; i++)
        words[i] = str_dup_c(a, list.list->p[i].s);
    return words;
}

static Value first_of(Value a, Value b) { return value_is_null(a) ? b : a; }

static int limit_or_none(Value v) { return v.tag == VALUE_INT ? (int)v.i : -1; }

/* What a field made of the validator's error, and what was recorded: {"code": ..., "messages": [...]}; {} for none. */
static Value outcome(Arena *a, Str code, List *messages)
{
    Map *m = map_new(a);
    if (messages && messages->n) {
        map_set(m, STR("code"), value_str(code));
        map_set(m, STR("messages"), value_list(messages));
    }
    return value_map(m);
}

static bool answer(Run *run, const Map *record, Value *got, Value *expected)
{
    Arena *a = run->scratch;
    TimeZones *zones = timezones_create(a, (Str){ 0 });
    Str name = record_text(record, "validator");
    const Map *params = record_get(record, "params").map;
    Value message = record_get(params, "message"), code = record_get(params, "code");
    Value *limit = NEW(a, Value), *offset = NEW(a, Value);
    *limit = template_case_value(a, zones, record_get(params, "limit_value"));
    *offset = template_case_value(a, zones, record_get(params, "offset"));
    Value flags = record_get(params, "flags");
    Validator v = {
        .message = message.tag == VALUE_STR && message.s.n ? str_dup_c(a, message.s) : NULL,
        .code = code.tag == VALUE_STR ? str_dup_c(a, code.s) : NULL,
        .pattern = str_dup_c(a, record_text(params, "regex")),
        .ignore_case = flags.tag == VALUE_INT && flags.i & 2,
        .inverse_match = value_truth(record_get(params, "inverse_match")),
        .limit = limit,
        .offset = offset,
        .ascii_only =
            value_is_null(record_get(params, "accept_idna")) ? false : !value_truth(record_get(params, "accept_idna")),
        .max_digits = limit_or_none(record_get(params, "max_digits")),
        .decimal_places = limit_or_none(record_get(params, "decimal_places")),
        .words = words_of(a, first_of(first_of(record_get(params, "schemes"), record_get(params, "domain_allowlist")),
                                      record_get(params, "allowed_extensions")))
    };
    for (size_t i = 0; i < CLEF_COUNT(named); i++)
        if (str_eq(str_c(named[i].name), name))
            v.check = named[i].check;
    if (!v.check)
        return false;
    Value value = record_get(record, "value"), file;
    Str kind;
    if (notation(value, &kind, &file) && str_eq(kind, STR("file"))) {
        Map *m = map_new(a);
        map_set(m, STR("name"), file);
        value = value_map(m);
    } else {
        value = template_case_value(a, zones, value);
    }
    ValidationErrors errors = validator_run(a, &v, value);
    List *messages = list_new(a);
    for (size_t i = 0; i < errors.n; i++)
        list_push(a, messages, value_str(validation_error_text(a, &errors.p[i])));
    *got = outcome(a, errors.n ? errors.p[0].code : STR(""), messages);
    Value error = record_get(record, "error");
    *expected = outcome(a, error.tag == VALUE_MAP ? record_text(error.map, "code") : STR(""),
                        error.tag == VALUE_MAP ? record_get(error.map, "messages").list : NULL);
    return true;
}

const Suite validators_suite = { .name = "validators", .answer = answer };
