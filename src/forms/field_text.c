/* field_text.c: fields whose cleaned value is a text. */
#include "forms/forms.h"
#include <clef/codec/host.h>
#include <clef/codec/url.h>

enum { EMAIL_LENGTH = 320, IP_LENGTH = 39 };

static bool char_to_python(FieldRun *run, Value in, Value *out)
{
    Str s = STR("");
    if (!field_value_empty(in)) {
        s = value_python_str(run->arena, in);
        if (!run->f->no_strip && run->f->kind != FORM_FIELD_REGEX)
            s = text_strip(s);
    }
    *out = s.n || !boxed_given(run->f->empty_value) ? value_str(s) : boxed_value(run->arena, run->f->empty_value);
    return true;
}

static void check_lengths(FieldRun *run, Value v, int most)
{
    if (run->f->min_length > 0) {
        Value limit = value_int(run->f->min_length);
        run_validator(run, &(Validator){ .check = check_min_length, .limit = &limit }, v);
    }
    if (most > 0) {
        Value limit = value_int(most);
        run_validator(run, &(Validator){ .check = check_max_length, .limit = &limit }, v);
    }
    run_validator(run, &(Validator){ .check = check_no_nulls }, v);
}

static void char_validators(FieldRun *run, Value v)
{
    run_own_validators(run, v);
    check_lengths(run, v, run->f->max_length);
}

static void email_validators(FieldRun *run, Value v)
{
    run_validator(run, &(Validator){ .check = check_email }, v);
    run_own_validators(run, v);
    check_lengths(run, v, run->f->max_length ? run->f->max_length : EMAIL_LENGTH);
}

static void slug_validators(FieldRun *run, Value v)
{
    run_validator(run, &(Validator){ .check = run->f->allow_unicode ? check_unicode_slug : check_slug }, v);
    run_own_validators(run, v);
    check_lengths(run, v, run->f->max_length);
}

static void regex_validators(FieldRun *run, Value v)
{
    char_validators(run, v);
    if (run->f->regex)
        run_validator(run, &(Validator){ .check = check_regex, .pattern = run->f->regex }, v);
}

/* --- URLs: "example.com/a" is meant with a scheme */

static bool url_to_python(FieldRun *run, Value in, Value *out)
{
    char_to_python(run, in, out);
    if (field_value_empty(*out) || !value_is_text(*out))
        return true;
    Arena *a = run->arena;
    const char *scheme = run->f->assume_scheme ? run->f->assume_scheme : "https";
    UrlParts parts;
    size_t colon = str_find(out->s, STR("://"));
    if (!url_split(a, out->s, &parts))
        return field_fail(run, "invalid", "Enter a valid URL.", NULL);
    if (!parts.scheme.n || (colon == STR_NPOS && !parts.netloc.n && parts.path.n)) {
        if (!parts.scheme.n)
            parts.scheme = str_c(scheme);
        if (!parts.netloc.n) {
            parts.netloc = parts.path;
            parts.path = STR("");
            if (!url_split(a, url_unsplit(a, &parts), &parts))
                return field_fail(run, "invalid", "Enter a valid URL.", NULL);
        }
    }
    *out = value_str(url_unsplit(a, &parts));
    return true;
}

static void url_validators(FieldRun *run, Value v)
{
    run_validator(run, &(Validator){ .check = check_url }, v);
    run_own_validators(run, v);
    check_lengths(run, v, run->f->max_length);
}

/* --- addresses */

static bool protocol_is(const FieldRun *run, const char *name)
{
    return run->f->protocol && str_ieq(str_c(run->f->protocol), str_c(name));
}

static bool ip_to_python(FieldRun *run, Value in, Value *out)
{
    if (field_value_empty(in)) {
        *out = value_str(STR(""));
        return true;
    }
    Str s = text_strip(value_python_str(run->arena, in));
    uint8_t address[16];
    if (str_find_byte(s, ':') != STR_NPOS) {
        int most = run->f->max_length ? run->f->max_length : IP_LENGTH;
        if (s.n > (size_t)most || !ip6_parse_field(s, address))
            return field_fail(run, "invalid", "This is not a valid IPv6 address.", NULL);
        s = ip6_format(run->arena, address, run->f->unpack_ipv4 && !protocol_is(run, "IPv6"));
    }
    *out = value_str(s);
    return true;
}

static void ip_validators(FieldRun *run, Value v)
{
    run_validator(run,
                  &(Validator){ .check = protocol_is(run, "IPv4")   ? check_ipv4
                                         : protocol_is(run, "IPv6") ? check_ipv6
                                                                    : check_ipv46 },
                  v);
    run_own_validators(run, v);
    check_lengths(run, v, run->f->max_length ? run->f->max_length : IP_LENGTH);
}

/* --- UUIDs */

static bool uuid_to_python(FieldRun *run, Value in, Value *out)
{
    if (in.tag == VALUE_UUID) {
        *out = in;
        return true;
    }
    char_to_python(run, in, out);
    if (field_value_empty(*out)) {
        *out = value_null();
        return true;
    }
    Uuid *u = NEW(run->arena, Uuid);
    if (!uuid_parse(out->s, u))
        return field_fail(run, "invalid", "Enter a valid UUID.", NULL);
    *out = value_uuid(u);
    return true;
}

static Value uuid_prepare(FieldRun *run, Value v)
{
    return v.tag == VALUE_UUID ? value_str(value_python_str(run->arena, v)) : v;
}

/* --- attributes */

static void char_attrs(FieldRun *run, const WidgetRun *w, Map *attrs)
{
    int most = run->f->max_length;
    if (!most && run->f->kind == FORM_FIELD_EMAIL)
        most = EMAIL_LENGTH;
    if (!most && run->f->kind == FORM_FIELD_GENERIC_IP)
        most = IP_LENGTH;
    if (widget_is_hidden(w))
        return;
    if (most > 0)
        map_set(attrs, STR("maxlength"), value_str(str_format(run->arena, "%d", most)));
    if (run->f->min_length > 0)
        map_set(attrs, STR("minlength"), value_str(str_format(run->arena, "%d", run->f->min_length)));
}

#define TEXT_FIELD(variable, class_name, widget_, ...)                                                          \
    const FormFieldClass variable = {                                                                           \
        .name = class_name, .widget = &(widget_), .to_python = char_to_python, .attrs = char_attrs, __VA_ARGS__ \
    }
TEXT_FIELD(char_field, "CharField", text_input_class, .validators = char_validators);
TEXT_FIELD(email_field, "EmailField", email_input_class, .validators = email_validators);
TEXT_FIELD(slug_field, "SlugField", text_input_class, .validators = slug_validators);
TEXT_FIELD(regex_field, "RegexField", text_input_class, .validators = regex_validators);
const FormFieldClass url_field = { .name = "URLField",
                                   .widget = &url_input_class,
                                   .to_python = url_to_python,
                                   .attrs = char_attrs,
                                   .validators = url_validators };
const FormFieldClass ip_field = { .name = "GenericIPAddressField",
                                  .widget = &text_input_class,
                                  .to_python = ip_to_python,
                                  .attrs = char_attrs,
                                  .validators = ip_validators };
const FormFieldClass uuid_field = { .name = "UUIDField",
                                    .widget = &text_input_class,
                                    .to_python = uuid_to_python,
                                    .attrs = char_attrs,
                                    .prepare = uuid_prepare };
