#include "../http/harness.h"
#include <clef/forms.h>
#include <clef/forms/class.h>

typedef struct Everything {
    Str text, choice, typed_text, ip, url;
    int64_t big;
    int32_t middle;
    int16_t small;
    OptInt perhaps;
    double real;
    Decimal money;
    bool yes;
    OptBool maybe;
    Date day;
    OptDate some_day;
    Time at;
    DateTime when, split;
    Duration length;
    Uuid id;
    int64_t typed;
    StrList several;
    Value json;
} Everything;

static const Choice letters[] = { CHOICE("a", "A"), CHOICE("b", "B"), { .display = NULL } };

static const FormClass Everything_form = {
    FORM_FIELDS(Everything, CharField(text, .max_length = 5), ChoiceField(choice, .choices = letters),
                TypedChoiceField(typed, .choices = CHOICES(CHOICE(1, "one"), CHOICE(2, "two"))),
                GenericIPAddressField(ip), URLField(url), IntegerField(big), IntegerField(middle), IntegerField(small),
                OptIntegerField(perhaps), FloatField(real), DecimalField(money, .max_digits = 5, .decimal_places = 2),
                BooleanField(yes, .optional = true), NullBooleanField(maybe), DateField(day), OptDateField(some_day),
                TimeField(at), DateTimeField(when), SplitDateTimeField(split), DurationField(length), UUIDField(id),
                MultipleChoiceField(several, .choices = letters), JSONField(json)),
};

static const char good[] =
    "text=+ab+&choice=b&typed=2&ip=2001:DB8::1&url=example.org&big=9223372036854775807&middle=-2147483648&small=32767&"
    "real=1.5&money=123.45&yes=on&maybe=false&day=01/02/2026&at=10:20&when=2026-01-15+10:20:30&split_0=2026-01-15&"
    "split_1=10:20&length=1+02:03:04&id=550e8400e29b41d4a716446655440000&several=a&several=b&json=[1]";

static Form *form_of(const char *text)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    return FORM(cx, Everything, .data = query_parse(test_arena(), str_c(text), NULL));
}

TEST(form_fields, cleaned_values_go_into_the_struct)
{
    Form *form = form_of(good);
    CHECK(form_is_valid(form));
    CHECK_STR(form_errors_text(form), STR(""));
    const Everything *e = CLEANED(form, Everything);
    CHECK_STR(e->text, STR("ab"));
    CHECK_STR(e->choice, STR("b"));
    CHECK_EQ(e->typed, 2);
    CHECK_STR(e->ip, STR("2001:db8::1"));
    CHECK_STR(e->url, STR("https://example.org"));
    CHECK_EQ(e->big, INT64_MAX);
    CHECK_EQ(e->middle, INT32_MIN);
    CHECK_EQ(e->small, 32767);
    CHECK(!e->perhaps.set);
    CHECK_EQ(e->real, 1.5);
    CHECK_STR(decimal_str(test_arena(), e->money), STR("123.45"));
    CHECK(e->yes && e->maybe.set && !e->maybe.value);
    DateParts day = date_parts(e->day);
    CHECK(day.year == 2026 && day.month == 1 && day.day == 2);
    CHECK(!e->some_day.set);
    CHECK_EQ(e->at.us, (int64_t)37200 * 1000000);
    CHECK_EQ(e->when.us, (int64_t)1768472430 * 1000000);
    CHECK_EQ(e->split.us, (int64_t)1768472400 * 1000000);
    CHECK_EQ(e->length.us, (int64_t)93784 * 1000000);
    CHECK_EQ(e->id.b[0], 0x55);
    REQUIRE(e->several.n == 2);
    CHECK_STR(e->several.p[1], STR("b"));
    CHECK(e->json.tag == VALUE_LIST && e->json.list->n == 1);
}

/* What each field says of a value; the others are good. */
static const struct {
    const char *field, *value, *error;
} rows[] = {
    { "text", "", "This field is required." },
    { "text", "abcdef", "Ensure this value has at most 5 characters (it has 6)." },
    { "text", "a%00b", "Null characters are not allowed." },
    { "choice", "c", "Select a valid choice. c is not one of the available choices." },
    { "typed", "3", "Select a valid choice. 3 is not one of the available choices." },
    { "ip", "1.2.3", "Enter a valid IPv4 or IPv6 address." },
    { "ip", "fe80::1%", "This is not a valid IPv6 address." },
    { "url", "x y", "Enter a valid URL." },
    { "big", "1.5", "Enter a whole number." },
    { "big", "9223372036854775808", "Ensure this value is less than or equal to 9223372036854775807." },
    { "big", "-9223372036854775809", "Ensure this value is greater than or equal to -9223372036854775808." },
    { "middle", "2147483648", "Ensure this value is less than or equal to 2147483647." },
    { "small", "-32769", "Ensure this value is greater than or equal to -32768." },
    { "perhaps", "x", "Enter a whole number." },
    { "real", "nan", "Enter a number." },
    { "money", "1234.5", "Ensure that there are no more than 3 digits before the decimal point." },
    { "day", "2026-02-30", "Enter a valid date." },
    { "some_day", "x", "Enter a valid date." },
    { "at", "25:00", "Enter a valid time." },
    { "when", "yesterday", "Enter a valid date/time." },
    { "split_0", "x", "Enter a valid date." },
    { "split_1", "", "This field is required." },
    { "length", "x", "Enter a valid duration." },
    { "id", "x", "Enter a valid UUID." },
    { "several", "c", "Select a valid choice. c is not one of the available choices." },
    { "json", "{", "Enter a valid JSON." },
};

TEST(form_fields, what_is_wrong_is_said_and_leaves_zero)
{
    EACH_ROW (row, rows) {
        QueryDict *q = query_copy(test_arena(), query_parse(test_arena(), str_c(good), NULL));
        Str raw = str_c(row->value);
        query_set(q, str_c(row->field), str_contains(raw, STR("%00")) ? STR("a\0b") : raw);
        Context *cx = NEW(test_arena(), Context);
        context_init(cx, test_arena());
        Form *form = FORM(cx, Everything, .data = q);
        CHECK(!form_is_valid(form));
        Str name = str_c(row->field);
        if (str_starts(name, STR("split")))
            name = str_slice(name, 0, 5);
        const ValidationErrors *errors = form_errors_of(form, str_dup_c(test_arena(), name));
        REQUIRE(errors->n == 1);
        CHECK_STR(validation_error_text(test_arena(), &errors->p[0]), str_c(row->error));
        CHECK(!form_has_cleaned(form, str_dup_c(test_arena(), name)));
        CHECK_EQ(map_count(form_cleaned_data(form)), (uint32_t)Everything_form.nfields - 1);
    }
}

TEST(form_fields, times_are_read_in_the_current_zone)
{
    Context cx;
    context_init(&cx, test_arena());
    TimeZones *zones = timezones_create(test_arena(), (Str){ 0 });
    const TimeZone *berlin;
    REQUIRE(timezones_get(zones, STR("Europe/Berlin"), &berlin) == TIMEZONE_OK);
    FormField f = { .name = "when", .kind = FORM_FIELD_DATETIME };
    FieldRun run;
    Value v;
    field_run_init(&run, &cx, &f, berlin);
    REQUIRE(field_clean(&run, value_c("2026-07-15 12:20"), value_null(), &v));
    CHECK_EQ(v.us, (int64_t)1784110800 * 1000000);
    /* a time that the clocks skip */
    CHECK(!field_clean(&run, value_c("2026-03-29 02:30"), value_null(), &v));
    CHECK_STR(run.errors.p[0].code, STR("ambiguous_timezone"));
}
