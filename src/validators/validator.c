/* validator.c: running validators, and reporting from within one. */
#include <clef/base/buf.h>
#include <clef/validators/validator.h>
#include <stdarg.h>

ValidationErrors validator_run(Arena *a, const Validator *validator, Value v)
{
    Validation run = { .arena = a, .value = v, .validator = validator };
    validator->check(&run);
    return run.errors;
}

ValidationErrors validators_run(Arena *a, const Validator *list, Value v)
{
    ValidationErrors all = { 0 };
    for (; list && list->check; list++) {
        ValidationErrors one = validator_run(a, list, v);
        for (size_t i = 0; i < one.n; i++)
            validation_errors_add(a, &all, one.p[i]);
    }
    return all;
}

void validation_fail(Validation *v, const char *code, const char *format, ...)
{
    va_list args;
    Buf b = BUF_INIT(v->arena, 1 << 20);
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    validation_errors_add(v->arena, &v->errors, (ValidationError){ .message = buf_view(&b), .code = str_c(code) });
}

void validation_fail_params(Validation *v, const char *code, const char *message, const Map *params)
{
    const Validator *own = v->validator;
    validation_errors_add(v->arena, &v->errors,
                          (ValidationError){ .message = str_c(own && own->message ? own->message : message),
                                             .code = str_c(own && own->code ? own->code : code),
                                             .params = params });
}

/* --- the limits that a table holds */

#define LIMIT_OF(name, T, ...)                      \
    Value limit_of_##name(Arena *a, const void *at) \
    {                                               \
        T const *v = at;                            \
        (void)a;                                    \
        return __VA_ARGS__;                         \
    }
LIMIT_OF(bool, bool, value_bool(*v))
LIMIT_OF(int, int, value_int(*v))
LIMIT_OF(unsigned, unsigned, value_int(*v))
LIMIT_OF(long, long, value_int(*v))
LIMIT_OF(double, double, value_double(*v))
LIMIT_OF(decimal, Decimal, value_copy(a, value_decimal(v)))
LIMIT_OF(date, Date, value_date(*v))
LIMIT_OF(time, Time, value_time(*v))
LIMIT_OF(datetime, DateTime, value_datetime(*v, NULL))
LIMIT_OF(duration, Duration, value_duration(*v))
LIMIT_OF(str, Str, value_str(*v))
LIMIT_OF(c, char *, value_c(*v))
