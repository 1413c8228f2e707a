/* json_writer.c: the streaming writer of <clef/codec/json.h>. */
#include "codec/json_text.h"

#include <clef/base/double.h>

/* What may come next. */
typedef enum State {
    FIRST_VALUE, /* the value of the text, or the first of a list */
    NEXT_VALUE,  /* one more of a list */
    FIRST_NAME,
    NEXT_NAME,
    MEMBER, /* the value behind a name */
    NOTHING,
} State;

void json_writer_init(JsonWriter *w, Buf *out, JsonStyle style)
{
    if (!style.depth_max)
        style.depth_max = JSON_DEPTH;
    if (style.depth_max > JSON_DEPTH_MAX)
        style.depth_max = JSON_DEPTH_MAX;
    w->out = out;
    w->style = style;
    w->error = w->type = NULL;
    w->depth = 0;
    w->state = FIRST_VALUE;
}

bool json_fail(JsonWriter *w, const char *message)
{
    if (!w->error)
        w->error = message;
    return false;
}

bool json_done(JsonWriter *w, bool appended)
{
    return CLEF_LIKELY(appended) ? true : json_fail(w, "JSON is longer than the limit");
}

bool json_writer_end(JsonWriter *w)
{
    if (w->out->failed)
        json_done(w, false);
    return w->state == NOTHING ? !w->error : json_fail(w, "JSON is not complete");
}

static void new_line(JsonWriter *w)
{
    buf_byte(w->out, '\n');
    buf_fill(w->out, ' ', (size_t)w->depth * w->style.indent);
}

static void comma(JsonWriter *w)
{
    if (w->style.compact || w->style.indent)
        buf_byte(w->out, ',');
    else
        BUF_LIT(w->out, ", ");
}

bool json_place(JsonWriter *w)
{
    if (CLEF_UNLIKELY(w->error != NULL))
        return false;
    switch ((State)w->state) {
    case NEXT_VALUE:
        comma(w);
        [[fallthrough]];
    case FIRST_VALUE:
        if (w->style.indent && w->depth)
            new_line(w);
        w->state = w->depth ? NEXT_VALUE : NOTHING;
        return true;
    case MEMBER:
        w->state = NEXT_NAME;
        return true;
    case FIRST_NAME:
    case NEXT_NAME:
        return json_fail(w, "an object wants a name before each value");
    case NOTHING:
        break;
    }
    return json_fail(w, "a JSON text is one value");
}

bool json_name(JsonWriter *w, Str name)
{
    if (CLEF_UNLIKELY(w->error != NULL))
        return false;
    if (w->state != FIRST_NAME && w->state != NEXT_NAME)
        return json_fail(w, "a name belongs into an object, before its value");
    if (w->state == NEXT_NAME)
        comma(w);
    if (w->style.indent)
        new_line(w);
    w->state = MEMBER;
    json_string_add(w->out, name, w->style);
    return json_done(w, w->style.compact && !w->style.indent && !w->style.spaced_names ? buf_byte(w->out, ':')
                                                                                       : BUF_LIT(w->out, ": "));
}

static bool open_level(JsonWriter *w, bool object)
{
    if (!json_place(w))
        return false;
    if (w->depth >= w->style.depth_max)
        return json_fail(w, "Nested more deeply than the limit");
    uint64_t bit = (uint64_t)1 << w->depth % 64, *bits = &w->objects[w->depth / 64];
    *bits = object ? *bits | bit : *bits & ~bit;
    w->depth++;
    w->state = object ? FIRST_NAME : FIRST_VALUE;
    return json_done(w, buf_byte(w->out, object ? '{' : '['));
}

static bool close_level(JsonWriter *w, bool object)
{
    if (w->error)
        return false;
    bool here = w->depth && (w->objects[(w->depth - 1) / 64] >> (w->depth - 1) % 64 & 1) == object;
    if (!here || w->state == MEMBER)
        return json_fail(w, object ? "no object ends here" : "no list ends here");
    bool empty = w->state == FIRST_NAME || w->state == FIRST_VALUE;
    w->depth--;
    if (w->style.indent && !empty)
        new_line(w);
    if (!w->depth)
        w->state = NOTHING;
    else
        w->state = w->objects[(w->depth - 1) / 64] >> (w->depth - 1) % 64 & 1 ? NEXT_NAME : NEXT_VALUE;
    return json_done(w, buf_byte(w->out, object ? '}' : ']'));
}

bool json_object(JsonWriter *w) { return open_level(w, true); }
bool json_object_end(JsonWriter *w) { return close_level(w, true); }
bool json_array(JsonWriter *w) { return open_level(w, false); }
bool json_array_end(JsonWriter *w) { return close_level(w, false); }

bool json_str(JsonWriter *w, Str s) { return json_place(w) && json_done(w, json_string_add(w->out, s, w->style)); }
bool json_int(JsonWriter *w, int64_t v) { return json_place(w) && json_done(w, buf_i64(w->out, v)); }
bool json_uint(JsonWriter *w, uint64_t v) { return json_place(w) && json_done(w, buf_u64(w->out, v)); }
bool json_raw(JsonWriter *w, Str json) { return json_place(w) && json_done(w, buf_str(w->out, json)); }
bool json_null(JsonWriter *w) { return json_raw(w, STR("null")); }
bool json_bool(JsonWriter *w, bool v) { return json_raw(w, v ? STR("true") : STR("false")); }

bool json_double(JsonWriter *w, double v)
{
    if (CLEF_UNLIKELY(!__builtin_isfinite(v))) {
        if (!w->style.nan)
            return json_fail(w, "Out of range float values are not JSON compliant");
        return json_raw(w, __builtin_isnan(v) ? STR("NaN") : v < 0 ? STR("-Infinity") : STR("Infinity"));
    }
    return json_place(w) && json_done(w, buf_double(w->out, v));
}
