/*
 * field.h: the fields of a form. A field is one entry of FORM_FIELDS: Django's class name, the member of the struct that
 * takes the cleaned value, and Django's options as designated initialisers; zero is every option's default.
 *
 *     FORM_FIELDS(ContactForm,
 *         CharField(subject, .max_length = 100),
 *         CharField(message, .widget = Textarea()),
 *         EmailField(sender, .label = "Your address", .error_messages = ERROR_MESSAGES("required", "Who are you?")),
 *         BooleanField(cc_myself, .optional = true))
 *
 * Where Django says required=False this says .optional = true. The compiler checks each entry against the struct: the
 * member must exist and have one of the kind's C types.
 *
 *   CharField EmailField URLField SlugField GenericIPAddressField RegexField FilePathField ChoiceField ComboField    Str
 *   IntegerField            int64_t int32_t int16_t OptInt           FloatField           double OptDouble
 *   DecimalField            Decimal OptDecimal                       BooleanField         bool
 *   DateField               Date OptDate                             NullBooleanField     OptBool
 *   TimeField               Time OptTime                             UUIDField            Uuid OptUuid
 *   DateTimeField SplitDateTimeField  DateTime OptDateTime           DurationField        Duration OptDuration
 *   TypedChoiceField        any of these: the choice is converted to it
 *   MultipleChoiceField     StrList                                  TypedMultipleChoiceField  List *
 *   FileField ImageField    const UploadedFile *                     JSONField MultiValueField Value
 *   ModelChoiceField(author, User)            User *                 ModelMultipleChoiceField(tags, Tag)  List *
 *
 * A field of any kind may have a Value as its member. An optional field that was left empty leaves the zero of its
 * type: 0, the empty text, an Opt... that is not set, NULL. The Opt... spelling of a kind (OptIntegerField, as in
 * models) is the same with .optional = true and an Opt... member.
 *
 * Django's page: "Form fields".
 */
#ifndef CLEF_FORMS_FIELD_H
#define CLEF_FORMS_FIELD_H

#include <clef/forms/widget.h>
#include <clef/orm/queryset.h>
#include <clef/validators/validator.h>

typedef struct FormField FormField;
typedef struct FormFieldClass FormFieldClass;

typedef enum FormFieldKind {
    FORM_FIELD_NONE,
    FORM_FIELD_CHAR,
    FORM_FIELD_EMAIL,
    FORM_FIELD_URL,
    FORM_FIELD_SLUG,
    FORM_FIELD_GENERIC_IP,
    FORM_FIELD_REGEX,
    FORM_FIELD_FILE_PATH,
    FORM_FIELD_INTEGER,
    FORM_FIELD_FLOAT,
    FORM_FIELD_DECIMAL,
    FORM_FIELD_BOOLEAN,
    FORM_FIELD_NULL_BOOLEAN,
    FORM_FIELD_DATE,
    FORM_FIELD_TIME,
    FORM_FIELD_DATETIME,
    FORM_FIELD_SPLIT_DATETIME,
    FORM_FIELD_DURATION,
    FORM_FIELD_UUID,
    FORM_FIELD_CHOICE,
    FORM_FIELD_TYPED_CHOICE,
    FORM_FIELD_MULTIPLE_CHOICE,
    FORM_FIELD_TYPED_MULTIPLE_CHOICE,
    FORM_FIELD_FILE,
    FORM_FIELD_IMAGE,
    FORM_FIELD_JSON,
    FORM_FIELD_COMBO,
    FORM_FIELD_MULTI_VALUE,
    FORM_FIELD_MODEL_CHOICE,
    FORM_FIELD_MODEL_MULTIPLE_CHOICE,
    FORM_FIELD_KINDS
} FormFieldKind;

/* Members that models do not have; behind the last MemberType. */
enum {
    FORM_MEMBER_VALUE = 64,
    FORM_MEMBER_STR_LIST,
    FORM_MEMBER_FILE,
    FORM_MEMBER_ROW,
    FORM_MEMBER_LIST,
};

/* Choices that are known only when the form is made: appended with choices_add. */
typedef struct ChoiceList ChoiceList;
typedef void ChoicesFn(Form *form, ChoiceList *out);
CLEF_API(void, choices_add, ChoiceList *list, Value value, Str display);
/* Choices after it belong to the group; the empty name ends it. */
CLEF_API(void, choices_group, ChoiceList *list, Str name);

/*
 * Runs after the field's own checks, with the cleaned values so far in `data` (the user's struct): may change the member,
 * or report form_add_error. Django's clean_<field>.
 */
typedef void FormCleanFn(Form *form, void *data);

struct FormField {
    const char *name; /* of the member */
    FormFieldKind kind;
    uint8_t member; /* MemberType, or one of the MEMBER_ above */
    uint16_t offset, size;
    /* Django's options of every field */
    bool optional; /* required=False */
    bool null;     /* the same: what the Opt... spelling sets */
    bool disabled, localize, show_hidden_initial;
    const char *label;        /* NULL: from the name; "": none */
    const char *label_suffix; /* NULL: the form's */
    const char *help_text;
    Boxed initial; /* INITIAL(5) */
    Value (*initial_fn)(Form *form);
    const Widget *widget; /* NULL: the kind's */
    const Validator *validators;
    const ErrorMessage *error_messages;
    const char *template_name; /* of the field group; NULL: "django/forms/field.html" */
    const char *bound_css;     /* more classes for the field's row */
    FormCleanFn *clean;
    /* of texts */
    int min_length, max_length;
    bool no_strip;             /* strip=False */
    Boxed empty_value;         /* INITIAL(...): what an empty text becomes */
    const char *regex;         /* RegexField */
    bool allow_unicode;        /* SlugField */
    const char *assume_scheme; /* URLField; NULL: "https" */
    const char *protocol;      /* GenericIPAddressField: "both", "IPv4", "IPv6" */
    bool unpack_ipv4;
    /* of numbers: LIMIT(5) */
    Boxed min_value, max_value, step_size;
    int max_digits, decimal_places;
    bool has_decimal_places; /* decimal_places = 0 is meant */
    /* of dates and times */
    const char *const *input_formats;                                  /* FORMATS("%d.%m.%Y"); NULL: the locale's */
    const char *const *input_date_formats, *const *input_time_formats; /* SplitDateTimeField */
    /* of choices */
    const Choice *choices;
    ChoicesFn *choices_fn;
    Value (*coerce)(Arena *a, Value v); /* Typed...: instead of the member's type; null for what it refuses */
    /* of relations: what may be chosen */
    const Model *model;
    QuerySet *(*queryset)(Request *r); /* NULL: all rows */
    const Field *limited_by;           /* the relation whose limit_choices_to counts, too; forms of models set it */
    const char *empty_label;           /* NULL: "---------"; "": no empty choice */
    const char *to_field_name;
    /* of files */
    bool allow_empty_file;
    uint64_t max_size; /* bytes (Clef's own); 0: any */
    /* FilePathField */
    const char *path, *match;
    bool recursive, no_files, allow_folders;
    /* ComboField and MultiValueField */
    const FormField *fields;
    size_t nfields;
    bool no_require_all_fields;
    Value (*compress)(Arena *a, const Value *values, size_t n);
    /* a kind of your own: what differs from the kind above */
    const FormFieldClass *cls;
};

/* clang-format off */
#define INITIAL(v)   CLEF_BOXED(v)
#define LIMIT(v)     CLEF_BOXED(v)
#define FORMATS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* --- the compiler's checks */

#define CLEF_FORM_IS(T, m, C) __builtin_types_compatible_p(__typeof__(((T *)0)->m), C)
#define CLEF_FORM_IS_OR_OPT(T, m, C) (CLEF_FORM_IS(T, m, C) || CLEF_FORM_IS(T, m, Opt##C))
#define CLEF_FORM_MEMBER(T, m) \
    _Generic(((T *)0)->m, Value: FORM_MEMBER_VALUE, StrList: FORM_MEMBER_STR_LIST, const UploadedFile *: FORM_MEMBER_FILE, List *: FORM_MEMBER_LIST, \
        Str: MEMBER_STR, bool: MEMBER_BOOL, int16_t: MEMBER_INT16, int32_t: MEMBER_INT32, \
        int64_t: MEMBER_INT64, double: MEMBER_DOUBLE, Decimal: MEMBER_DECIMAL, Date: MEMBER_DATE, Time: MEMBER_TIME, \
        DateTime: MEMBER_DATETIME, Duration: MEMBER_DURATION, Uuid: MEMBER_UUID, OptInt: MEMBER_OPT_INT, \
        OptBool: MEMBER_OPT_BOOL, OptDouble: MEMBER_OPT_DOUBLE, OptDecimal: MEMBER_OPT_DECIMAL, \
        OptDate: MEMBER_OPT_DATE, OptTime: MEMBER_OPT_TIME, OptDateTime: MEMBER_OPT_DATETIME, \
        OptDuration: MEMBER_OPT_DURATION, OptUuid: MEMBER_OPT_UUID, default: MEMBER_NONE)
#define CLEF_FORM_ENTRY(T, m, k, fits, types, ...) \
    { .name = #m, .kind = (k), .member = CLEF_FORM_MEMBER(T, m), .size = sizeof(((T *)0)->m), \
      .offset = offsetof(T, m) + CLEF_FAIL_UNLESS((fits) || CLEF_FORM_IS(T, m, Value), #T "." #m " must be declared as: " types " " #m), \
      __VA_ARGS__ }
#define CLEF_FORM_REFUSED(T, m, message) { .offset = CLEF_FAIL_UNLESS(0, #T "." #m ": " message) }

/* One macro for each kind of tuple that field macros make (see clef/orm/field.h): what a form has of that name. */
#define CLEF_FORM_STR(T, m, k, ...)      CLEF_FORM_ENTRY(T, m, k, CLEF_FORM_IS(T, m, Str), "Str", __VA_ARGS__)
#define CLEF_FORM_OPT(T, m, k, C, ...)   CLEF_FORM_ENTRY(T, m, k, CLEF_FORM_IS_OR_OPT(T, m, C), #C " (or Opt" #C ")", __VA_ARGS__)
#define CLEF_FORM_FIELD_CHAR(T, m, C, ...)           CLEF_FORM_STR(T, m, FORM_FIELD_CHAR, __VA_ARGS__)
#define CLEF_FORM_FIELD_SLUG(T, m, C, ...)           CLEF_FORM_STR(T, m, FORM_FIELD_SLUG, __VA_ARGS__)
#define CLEF_FORM_FIELD_EMAIL(T, m, C, ...)          CLEF_FORM_STR(T, m, FORM_FIELD_EMAIL, __VA_ARGS__)
#define CLEF_FORM_FIELD_URL(T, m, C, ...)            CLEF_FORM_STR(T, m, FORM_FIELD_URL, __VA_ARGS__)
#define CLEF_FORM_FIELD_GENERIC_IP(T, m, C, ...)     CLEF_FORM_STR(T, m, FORM_FIELD_GENERIC_IP, __VA_ARGS__)
#define CLEF_FORM_FIELD_REGEX(T, m, C, ...)          CLEF_FORM_STR(T, m, FORM_FIELD_REGEX, __VA_ARGS__)
#define CLEF_FORM_FIELD_FILE_PATH(T, m, C, ...)      CLEF_FORM_STR(T, m, FORM_FIELD_FILE_PATH, __VA_ARGS__)
#define CLEF_FORM_FIELD_COMBO(T, m, C, ...)          CLEF_FORM_STR(T, m, FORM_FIELD_COMBO, __VA_ARGS__)
#define CLEF_FORM_FIELD_CHOICE(T, m, C, ...)         CLEF_FORM_STR(T, m, FORM_FIELD_CHOICE, __VA_ARGS__)
#define CLEF_FORM_FIELD_INTEGER(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_INTEGER, CLEF_IS_INTEGER(T, m) || CLEF_FORM_IS(T, m, OptInt), \
                    "int64_t (or int32_t, int16_t, OptInt)", __VA_ARGS__)
#define CLEF_FORM_FIELD_FLOAT(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_FLOAT, CLEF_FORM_IS(T, m, double) || CLEF_FORM_IS(T, m, OptDouble), \
                    "double (or OptDouble)", __VA_ARGS__)
#define CLEF_FORM_FIELD_DECIMAL(T, m, C, ...)        CLEF_FORM_OPT(T, m, FORM_FIELD_DECIMAL, Decimal, __VA_ARGS__)
#define CLEF_FORM_FIELD_DATE(T, m, C, ...)           CLEF_FORM_OPT(T, m, FORM_FIELD_DATE, Date, __VA_ARGS__)
#define CLEF_FORM_FIELD_TIME(T, m, C, ...)           CLEF_FORM_OPT(T, m, FORM_FIELD_TIME, Time, __VA_ARGS__)
#define CLEF_FORM_FIELD_DATETIME(T, m, C, ...)       CLEF_FORM_OPT(T, m, FORM_FIELD_DATETIME, DateTime, __VA_ARGS__)
#define CLEF_FORM_FIELD_SPLIT_DATETIME(T, m, C, ...) CLEF_FORM_OPT(T, m, FORM_FIELD_SPLIT_DATETIME, DateTime, __VA_ARGS__)
#define CLEF_FORM_FIELD_DURATION(T, m, C, ...)       CLEF_FORM_OPT(T, m, FORM_FIELD_DURATION, Duration, __VA_ARGS__)
#define CLEF_FORM_FIELD_UUID(T, m, C, ...)           CLEF_FORM_OPT(T, m, FORM_FIELD_UUID, Uuid, __VA_ARGS__)
#define CLEF_FORM_FIELD_BOOLEAN(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_BOOLEAN, CLEF_FORM_IS(T, m, bool), "bool", __VA_ARGS__)
#define CLEF_FORM_FIELD_NULL_BOOLEAN(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_NULL_BOOLEAN, CLEF_FORM_IS(T, m, OptBool), "OptBool", __VA_ARGS__)
#define CLEF_FORM_FIELD_TYPED_CHOICE(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_TYPED_CHOICE, CLEF_FORM_MEMBER(T, m) != MEMBER_NONE, "Str, a number, a date", __VA_ARGS__)
#define CLEF_FORM_FIELD_MULTIPLE_CHOICE(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_MULTIPLE_CHOICE, CLEF_FORM_IS(T, m, StrList), "StrList", __VA_ARGS__)
#define CLEF_FORM_FIELD_TYPED_MULTIPLE_CHOICE(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_TYPED_MULTIPLE_CHOICE, CLEF_FORM_IS(T, m, List *), "List *", __VA_ARGS__)
#define CLEF_FORM_FIELD_FILE(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_FILE, CLEF_FORM_IS(T, m, const UploadedFile *), "const UploadedFile *", __VA_ARGS__)
#define CLEF_FORM_FIELD_IMAGE(T, m, C, ...) \
    CLEF_FORM_ENTRY(T, m, FORM_FIELD_IMAGE, CLEF_FORM_IS(T, m, const UploadedFile *), "const UploadedFile *", __VA_ARGS__)
#define CLEF_FORM_FIELD_JSON(T, m, C, ...)           CLEF_FORM_ENTRY(T, m, FORM_FIELD_JSON, 0, "Value", __VA_ARGS__)
#define CLEF_FORM_FIELD_MULTI_VALUE(T, m, C, ...)    CLEF_FORM_ENTRY(T, m, FORM_FIELD_MULTI_VALUE, 0, "Value", __VA_ARGS__)
#define CLEF_FORM_FIELD_MODEL_CHOICE(T, m, To, ...) \
    { .name = #m, .kind = FORM_FIELD_MODEL_CHOICE, .member = FORM_MEMBER_ROW, .size = sizeof(void *), .model = &To##_model, \
      .offset = offsetof(T, m) + CLEF_FAIL_UNLESS(CLEF_FORM_IS(T, m, To *), #T "." #m " must be declared as: " #To " *" #m), \
      __VA_ARGS__ }
#define CLEF_FORM_FIELD_MODEL_MULTIPLE_CHOICE(T, m, To, ...) \
    { .name = #m, .kind = FORM_FIELD_MODEL_MULTIPLE_CHOICE, .member = FORM_MEMBER_LIST, .size = sizeof(void *), .model = &To##_model, \
      .offset = offsetof(T, m) + CLEF_FAIL_UNLESS(CLEF_FORM_IS(T, m, List *), #T "." #m " must be declared as: List *" #m), \
      __VA_ARGS__ }
/* What only models have. */
#define CLEF_FORM_FIELD_TEXT(T, m, C, ...)           CLEF_FORM_REFUSED(T, m, "a form has CharField(" #m ", .widget = Textarea()) for a TextField")
#define CLEF_FORM_FIELD_BINARY(T, m, C, ...)         CLEF_FORM_REFUSED(T, m, "a form has no BinaryField; FileField takes bytes")
#define CLEF_FORM_FIELD_AUTO(T, m, C, ...)           CLEF_FORM_REFUSED(T, m, "a form has no AutoField")
#define CLEF_FORM_FIELD_BIG_AUTO(T, m, C, ...)       CLEF_FORM_REFUSED(T, m, "a form has no BigAutoField")
#define CLEF_FORM_FIELD_SMALL_AUTO(T, m, C, ...)     CLEF_FORM_REFUSED(T, m, "a form has no SmallAutoField")
#define CLEF_FORM_NO_INTEGER(T, m)                   CLEF_FORM_REFUSED(T, m, "a form has IntegerField(" #m ", .min_value = LIMIT(0))")
#define CLEF_FORM_FIELD_BIG_INTEGER(T, m, C, ...)            CLEF_FORM_NO_INTEGER(T, m)
#define CLEF_FORM_FIELD_SMALL_INTEGER(T, m, C, ...)          CLEF_FORM_NO_INTEGER(T, m)
#define CLEF_FORM_FIELD_POSITIVE_INTEGER(T, m, C, ...)       CLEF_FORM_NO_INTEGER(T, m)
#define CLEF_FORM_FIELD_POSITIVE_BIG_INTEGER(T, m, C, ...)   CLEF_FORM_NO_INTEGER(T, m)
#define CLEF_FORM_FIELD_POSITIVE_SMALL_INTEGER(T, m, C, ...) CLEF_FORM_NO_INTEGER(T, m)
#define CLEF_FORM_FIELD_FOREIGN_KEY(T, m, To, ...)   CLEF_FORM_REFUSED(T, m, "a form has ModelChoiceField(" #m ", " #To ")")
#define CLEF_FORM_FIELD_ONE_TO_ONE(T, m, To, ...)    CLEF_FORM_REFUSED(T, m, "a form has ModelChoiceField(" #m ", " #To ")")
#define CLEF_FORM_FIELD_MANY_TO_MANY(T, m, To, ...)  CLEF_FORM_REFUSED(T, m, "a form has ModelMultipleChoiceField(" #m ", " #To ")")

/* Kinds that models do not have (or not yet: then theirs serves both). */
#define CLEF_FORM_ONLY(T, m, C, k, ...) \
    { .offset = CLEF_FAIL_UNLESS(0, #T "." #m ": this kind of field is for forms (FORM_FIELDS), not for models") }
#define RegexField(m, regex_, ...)       (CLEF_FORM_ONLY, m, Str, FIELD_REGEX, .regex = (regex_) __VA_OPT__(, ) __VA_ARGS__)
#define NullBooleanField(m, ...)         (CLEF_FORM_ONLY, m, OptBool, FIELD_NULL_BOOLEAN, __VA_ARGS__)
#define SplitDateTimeField(m, ...)       (CLEF_FORM_ONLY, m, DateTime, FIELD_SPLIT_DATETIME, __VA_ARGS__)
#define ChoiceField(m, ...)              (CLEF_FORM_ONLY, m, Str, FIELD_CHOICE, __VA_ARGS__)
#define TypedChoiceField(m, ...)         (CLEF_FORM_ONLY, m, Str, FIELD_TYPED_CHOICE, __VA_ARGS__)
#define MultipleChoiceField(m, ...)      (CLEF_FORM_ONLY, m, StrList, FIELD_MULTIPLE_CHOICE, __VA_ARGS__)
#define TypedMultipleChoiceField(m, ...) (CLEF_FORM_ONLY, m, List *, FIELD_TYPED_MULTIPLE_CHOICE, __VA_ARGS__)
#define ComboField(m, ...)               (CLEF_FORM_ONLY, m, Str, FIELD_COMBO, __VA_ARGS__)
#define MultiValueField(m, ...)          (CLEF_FORM_ONLY, m, Value, FIELD_MULTI_VALUE, __VA_ARGS__)
#define ModelChoiceField(m, To, ...)     (CLEF_FORM_ONLY, m, To, FIELD_MODEL_CHOICE, __VA_ARGS__)
#define ModelMultipleChoiceField(m, To, ...) (CLEF_FORM_ONLY, m, To, FIELD_MODEL_MULTIPLE_CHOICE, __VA_ARGS__)
#ifndef FileField
#define FileField(m, ...)                (CLEF_FORM_ONLY, m, Str, FIELD_FILE, __VA_ARGS__)
#endif
#ifndef ImageField
#define ImageField(m, ...)               (CLEF_FORM_ONLY, m, Str, FIELD_IMAGE, __VA_ARGS__)
#endif
#ifndef FilePathField
#define FilePathField(m, ...)            (CLEF_FORM_ONLY, m, Str, FIELD_FILE_PATH, __VA_ARGS__)
#endif
#ifndef JSONField
#define JSONField(m, ...)                (CLEF_FORM_ONLY, m, Value, FIELD_JSON, __VA_ARGS__)
#endif

/* Unpacks a tuple: (how, member, C type, kind, options...). */
#define CLEF_FORM_FIELD(T, field)              CLEF_FORM_PICK(CLEF_IS_TUPLE(field), T, field)
#define CLEF_FORM_PICK(is, T, field)           CLEF_FORM_PICK_(is, T, field)
#define CLEF_FORM_PICK_(is, T, field)          CLEF_FORM_##is(T, field)
#define CLEF_FORM_0(T, field) \
    { .offset = CLEF_FAIL_UNLESS(0, "FORM_FIELDS(" #T ", ...): there is no such kind of field: " #field " (see clef/forms/field.h)") }
#define CLEF_FORM_1(T, field)                  CLEF_FORM_2(T, CLEF_UNPAREN field)
#define CLEF_FORM_2(...)                       CLEF_FORM_3(__VA_ARGS__)
#define CLEF_FORM_3(T, how, m, C, k, ...)      CLEF_FORM_##k(T, m, C, __VA_ARGS__)
/* clang-format on */

#endif
