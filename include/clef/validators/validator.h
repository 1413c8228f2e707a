/*
 * validator.h: checks of one value, with the names, the messages and the codes of django.core.validators.
 *
 *     CharField(code, .validators = VALIDATORS(MinLengthValidator(3), RegexValidator("^[A-Z]+$", .message = "Capitals!"),
 *                                              VALIDATOR(check_known)))
 *
 *     static void check_known(Validation *v)
 *     {
 *         if (v->value.tag == VALUE_STR && !known(v->value.s))
 *             INVALID(v, "unknown", "There is no product %.*s.", STR_FMT(v->value.s));
 *     }
 *
 * A validator says nothing when the value is right. Empty values are not shown to the validators of form fields. Regular
 * expressions are Python's; each is compiled once in a worker.
 *
 * Django's page: "Validators".
 */
#ifndef CLEF_VALIDATORS_VALIDATOR_H
#define CLEF_VALIDATORS_VALIDATOR_H

#include <clef/validators/error.h>

typedef struct Validator Validator;
typedef struct UploadedFile UploadedFile;

typedef struct Validation {
    Arena *arena;
    Value value;
    const Validator *validator; /* the one that runs, for its parameters */
    ValidationErrors errors;
} Validation;

typedef void ValidatorFn(Validation *v);

/* The members that a validator does not use are ignored by it. */
struct Validator {
    ValidatorFn *check;         /* NULL ends a list */
    const char *name;           /* Django's class; NULL: an own function */
    const char *message, *code; /* NULL: the validator's own */
    /* of the kinds */
    const char *pattern; /* RegexValidator */
    bool inverse_match, ignore_case;
    const Value *limit; /* of a number, date or time; or limit_at below */
    Value (*limit_box)(Arena *a, const void *at);
    const void *limit_at;
    const Value *offset;            /* StepValueValidator */
    int max_digits, decimal_places; /* DecimalValidator; negative: no limit (Django's None) */
    bool ascii_only;                /* DomainNameValidator: accept_idna=False */
    const char *const *words; /* FileExtensionValidator: extensions; URLValidator: schemes; EmailValidator: domains */
};

/* Runs all of a list; the errors of all. `list` may be NULL. */
CLEF_API(ValidationErrors, validators_run, Arena *a, const Validator *list, Value v);
/* Runs one. */
CLEF_API(ValidationErrors, validator_run, Arena *a, const Validator *validator, Value v);

/* Reports an error from within a validator. */
CLEF_API(void, validation_fail, Validation *v, const char *code, const char *format, ...) CLEF_PRINTF(3, 4);
/* The same with Django's message and parameters; the validator's own .message and .code go first. */
CLEF_API(void, validation_fail_params, Validation *v, const char *code, const char *message, const Map *params);
#define INVALID(v, code, ...) validation_fail((v), (code), __VA_ARGS__)

#define CLEF_VALIDATOR_FN(name) CLEF_API(void, name, Validation *v)
CLEF_VALIDATOR_FN(check_regex);
CLEF_VALIDATOR_FN(check_url);
CLEF_VALIDATOR_FN(check_email);
CLEF_VALIDATOR_FN(check_domain_name);
CLEF_VALIDATOR_FN(check_slug);
CLEF_VALIDATOR_FN(check_unicode_slug);
CLEF_VALIDATOR_FN(check_ipv4);
CLEF_VALIDATOR_FN(check_ipv6);
CLEF_VALIDATOR_FN(check_ipv46);
CLEF_VALIDATOR_FN(check_integer);
CLEF_VALIDATOR_FN(check_integer_list);
CLEF_VALIDATOR_FN(check_max_value);
CLEF_VALIDATOR_FN(check_min_value);
CLEF_VALIDATOR_FN(check_step_value);
CLEF_VALIDATOR_FN(check_min_length);
CLEF_VALIDATOR_FN(check_max_length);
CLEF_VALIDATOR_FN(check_decimal);
CLEF_VALIDATOR_FN(check_file_extension);
CLEF_VALIDATOR_FN(check_image_extension);
CLEF_VALIDATOR_FN(check_no_nulls);

/* clang-format off */
/* A limit: any constant number, date, time or length. */
#define CLEF_LIMIT(v)                    .limit_box = CLEF_LIMIT_BOX(v), .limit_at = (__typeof__((void)0, (v))[1]){ (v) }
#define VALIDATORS(...)                  ((const Validator[]){ __VA_ARGS__, { .check = NULL } })
#define VALIDATOR(fn, ...)               { .check = (fn) __VA_OPT__(, ) __VA_ARGS__ }
#define RegexValidator(pattern_, ...)    { .check = check_regex, .name = "RegexValidator", .pattern = (pattern_) __VA_OPT__(, ) __VA_ARGS__ }
#define URLValidator(...)                { .check = check_url, .name = "URLValidator" __VA_OPT__(, ) __VA_ARGS__ }
#define EmailValidator(...)              { .check = check_email, .name = "EmailValidator" __VA_OPT__(, ) __VA_ARGS__ }
#define DomainNameValidator(...)         { .check = check_domain_name, .name = "DomainNameValidator" __VA_OPT__(, ) __VA_ARGS__ }
#define MaxValueValidator(limit_, ...)   { .check = check_max_value, .name = "MaxValueValidator", CLEF_LIMIT(limit_) __VA_OPT__(, ) __VA_ARGS__ }
#define MinValueValidator(limit_, ...)   { .check = check_min_value, .name = "MinValueValidator", CLEF_LIMIT(limit_) __VA_OPT__(, ) __VA_ARGS__ }
#define StepValueValidator(limit_, ...)  { .check = check_step_value, .name = "StepValueValidator", CLEF_LIMIT(limit_) __VA_OPT__(, ) __VA_ARGS__ }
#define MaxLengthValidator(limit_, ...)  { .check = check_max_length, .name = "MaxLengthValidator", CLEF_LIMIT(limit_) __VA_OPT__(, ) __VA_ARGS__ }
#define MinLengthValidator(limit_, ...)  { .check = check_min_length, .name = "MinLengthValidator", CLEF_LIMIT(limit_) __VA_OPT__(, ) __VA_ARGS__ }
#define DecimalValidator(digits, places, ...) \
    { .check = check_decimal, .name = "DecimalValidator", .max_digits = (digits), .decimal_places = (places) __VA_OPT__(, ) __VA_ARGS__ }
#define FileExtensionValidator(...) \
    { .check = check_file_extension, .name = "FileExtensionValidator", .words = (const char *const[]){ __VA_ARGS__, NULL } }
#define ProhibitNullCharactersValidator(...) \
    { .check = check_no_nulls, .name = "ProhibitNullCharactersValidator" __VA_OPT__(, ) __VA_ARGS__ }
#define validate_slug                    { .check = check_slug, .name = "validate_slug" }
#define validate_unicode_slug            { .check = check_unicode_slug, .name = "validate_unicode_slug" }
#define validate_ipv4_address            { .check = check_ipv4, .name = "validate_ipv4_address" }
#define validate_ipv6_address            { .check = check_ipv6, .name = "validate_ipv6_address" }
#define validate_ipv46_address           { .check = check_ipv46, .name = "validate_ipv46_address" }
#define validate_integer                 { .check = check_integer, .name = "validate_integer" }
#define validate_email                   { .check = check_email, .name = "EmailValidator" }
#define validate_domain_name             { .check = check_domain_name, .name = "DomainNameValidator" }
#define validate_comma_separated_integer_list { .check = check_integer_list, .name = "validate_comma_separated_integer_list" }
#define validate_image_file_extension    { .check = check_image_extension, .name = "validate_image_file_extension" }
#define CLEF_LIMIT_BOX(v) \
    _Generic((v), bool: limit_of_bool, int: limit_of_int, unsigned: limit_of_unsigned, long: limit_of_long, \
        long long: limit_of_long, double: limit_of_double, Decimal: limit_of_decimal, Date: limit_of_date, \
        Time: limit_of_time, DateTime: limit_of_datetime, Duration: limit_of_duration, Str: limit_of_str, \
        char *: limit_of_c, const char *: limit_of_c)
/* clang-format on */

#define CLEF_LIMIT_FN(name) CLEF_API(Value, limit_of_##name, Arena *a, const void *at)
CLEF_LIMIT_FN(bool);
CLEF_LIMIT_FN(int);
CLEF_LIMIT_FN(unsigned);
CLEF_LIMIT_FN(long);
CLEF_LIMIT_FN(double);
CLEF_LIMIT_FN(decimal);
CLEF_LIMIT_FN(date);
CLEF_LIMIT_FN(time);
CLEF_LIMIT_FN(datetime);
CLEF_LIMIT_FN(duration);
CLEF_LIMIT_FN(str);
CLEF_LIMIT_FN(c);

#endif
