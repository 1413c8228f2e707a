/* member.c: cleaned values in the members of the user's struct. */
#include "forms/forms.h"

/* A value that is null leaves the zero of the member. */
#define STORE(T, ...)                                    \
    do {                                                 \
        T *at = (T *)(void *)((char *)data + f->offset); \
        *at = (T){ 0 };                                  \
        if (!value_is_null(v))                           \
            *at = __VA_ARGS__;                           \
        return true;                                     \
    } while (0)

static bool store_integer(const FormField *f, void *data, Value v, int64_t least, int64_t most)
{
    int64_t n = 0;
    char *at = (char *)data + f->offset;
    if (!value_is_null(v) && (!value_to_int(v, &n) || n < least || n > most))
        return false;
    switch (f->member) {
    case MEMBER_INT16:
        *(int16_t *)(void *)at = (int16_t)n;
        break;
    case MEMBER_INT32:
        *(int32_t *)(void *)at = (int32_t)n;
        break;
    case MEMBER_INT64:
        *(int64_t *)(void *)at = n;
        break;
    default:
        *(OptInt *)(void *)at = (OptInt){ n, !value_is_null(v) };
    }
    return true;
}

static double double_of(Value v)
{
    double d;
    return v.tag == VALUE_DECIMAL || v.tag == VALUE_BIGINT ? decimal_to_double(*v.decimal)
           : value_to_double(v, &d)                        ? d
                                                           : 0;
}

static Decimal decimal_of_value(Value v)
{
    int64_t n;
    if (v.tag == VALUE_DECIMAL || v.tag == VALUE_BIGINT)
        return *v.decimal;
    return value_to_int(v, &n) ? decimal_from_i64(n) : (Decimal){ 0 };
}

static StrList texts_of(Arena *a, Value v)
{
    if (v.tag != VALUE_LIST)
        return (StrList){ 0 };
    Str *p = NEW_ARRAY(a, Str, v.list->n + 1);
    for (size_t i = 0; i < v.list->n; i++)
        p[i] = value_python_str(a, v.list->p[i]);
    return (StrList){ p, v.list->n };
}

bool form_member_store(Arena *a, const FormField *f, void *data, Value v)
{
    switch (f->member) {
    case MEMBER_STR:
        STORE(Str, value_python_str(a, v));
    case MEMBER_BOOL:
        STORE(bool, value_truth(v));
    case MEMBER_INT16:
        return store_integer(f, data, v, INT16_MIN, INT16_MAX);
    case MEMBER_INT32:
        return store_integer(f, data, v, INT32_MIN, INT32_MAX);
    case MEMBER_INT64:
    case MEMBER_OPT_INT:
        return store_integer(f, data, value_is_text(v) && !v.s.n ? value_null() : v, INT64_MIN, INT64_MAX);
    default:
        break;
    }
    if (value_is_text(v) && !v.s.n && f->member != FORM_MEMBER_VALUE)
        v = value_null();
    switch (f->member) {
    case MEMBER_DOUBLE:
        STORE(double, double_of(v));
    case MEMBER_DECIMAL:
        STORE(Decimal, decimal_of_value(v));
    case MEMBER_DATE:
        STORE(Date, (Date){ (int32_t)v.us });
    case MEMBER_TIME:
        STORE(Time, (Time){ v.us, v.flags });
    case MEMBER_DATETIME:
        STORE(DateTime, (DateTime){ v.us });
    case MEMBER_DURATION:
        STORE(Duration, (Duration){ v.us });
    case MEMBER_UUID:
        STORE(Uuid, *v.uuid);
    case MEMBER_OPT_BOOL:
        STORE(OptBool, (OptBool){ value_truth(v), true });
    case MEMBER_OPT_DOUBLE:
        STORE(OptDouble, (OptDouble){ double_of(v), true });
    case MEMBER_OPT_DECIMAL:
        STORE(OptDecimal, (OptDecimal){ decimal_of_value(v), true });
    case MEMBER_OPT_DATE:
        STORE(OptDate, (OptDate){ { (int32_t)v.us }, true });
    case MEMBER_OPT_TIME:
        STORE(OptTime, (OptTime){ { v.us, v.flags }, true });
    case MEMBER_OPT_DATETIME:
        STORE(OptDateTime, (OptDateTime){ { v.us }, true });
    case MEMBER_OPT_DURATION:
        STORE(OptDuration, (OptDuration){ { v.us }, true });
    case MEMBER_OPT_UUID:
        STORE(OptUuid, (OptUuid){ *v.uuid, true });
    case FORM_MEMBER_VALUE:
        STORE(Value, v);
    case FORM_MEMBER_STR_LIST:
        STORE(StrList, texts_of(a, v));
    case FORM_MEMBER_FILE:
        *(const UploadedFile **)(void *)((char *)data + f->offset) =
            v.tag == VALUE_OBJECT && v.cls == &uploaded_file_class ? v.object : NULL;
        return true;
    case FORM_MEMBER_ROW:
        *(void **)(void *)((char *)data + f->offset) = v.tag == VALUE_OBJECT ? (void *)(uintptr_t)v.object : NULL;
        return true;
    case FORM_MEMBER_LIST:
        *(List **)(void *)((char *)data + f->offset) = v.tag == VALUE_LIST ? v.list : NULL;
        return true;
    default:
        return false;
    }
}

#define LOAD(T) (*(const T *)(const void *)((const char *)data + f->offset))

Value form_member_load(Arena *a, const FormField *f, const void *data)
{
    switch (f->member) {
    case MEMBER_STR:
        return value_str(LOAD(Str));
    case MEMBER_BOOL:
        return value_bool(LOAD(bool));
    case MEMBER_INT16:
        return value_int(LOAD(int16_t));
    case MEMBER_INT32:
        return value_int(LOAD(int32_t));
    case MEMBER_INT64:
        return value_int(LOAD(int64_t));
    case MEMBER_OPT_INT:
        return value_copy(a, VALUE(LOAD(OptInt)));
    case MEMBER_DOUBLE:
        return value_double(LOAD(double));
    case MEMBER_DECIMAL:
        return value_copy(a, value_decimal(&LOAD(Decimal)));
    case MEMBER_DATE:
        return value_date(LOAD(Date));
    case MEMBER_TIME:
        return value_time(LOAD(Time));
    case MEMBER_DATETIME:
        return value_datetime(LOAD(DateTime), NULL);
    case MEMBER_DURATION:
        return value_duration(LOAD(Duration));
    case MEMBER_UUID:
        return value_copy(a, value_uuid(&LOAD(Uuid)));
    case MEMBER_OPT_BOOL:
        return value_copy(a, VALUE(LOAD(OptBool)));
    case MEMBER_OPT_DOUBLE:
        return value_copy(a, VALUE(LOAD(OptDouble)));
    case MEMBER_OPT_DECIMAL:
        return value_copy(a, VALUE(LOAD(OptDecimal)));
    case MEMBER_OPT_DATE:
        return value_copy(a, VALUE(LOAD(OptDate)));
    case MEMBER_OPT_TIME:
        return value_copy(a, VALUE(LOAD(OptTime)));
    case MEMBER_OPT_DATETIME:
        return value_copy(a, VALUE(LOAD(OptDateTime)));
    case MEMBER_OPT_DURATION:
        return value_copy(a, VALUE(LOAD(OptDuration)));
    case MEMBER_OPT_UUID:
        return value_copy(a, VALUE(LOAD(OptUuid)));
    case FORM_MEMBER_VALUE:
        return LOAD(Value);
    case FORM_MEMBER_STR_LIST: {
        StrList texts = LOAD(StrList);
        List *list = list_new(a);
        for (size_t i = 0; i < texts.n; i++)
            list_push(a, list, value_str(texts.p[i]));
        return value_list(list);
    }
    case FORM_MEMBER_FILE:
        return value_uploaded_file(LOAD(UploadedFile *));
    case FORM_MEMBER_ROW:
        return value_object(LOAD(void *), &row_class);
    case FORM_MEMBER_LIST:
        return value_list((List *)(uintptr_t)LOAD(List *));
    default:
        return value_null();
    }
}
