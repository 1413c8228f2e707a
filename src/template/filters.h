/* filters.h: what the files of filters share. */
#ifndef TEMPLATE_FILTERS_H
#define TEMPLATE_FILTERS_H

#include "codec/text.h"
#include "template/template.h"

#define FILTER(function) static Value function(TemplateFilterCall *c, Value v)

static inline Value safe(Str s) { return value_safe((SafeStr){ s }); }
/* No filter makes more than a page may have: filter_text raises then. */
static inline Buf filter_buf(TemplateFilterCall *c) { return render_buf(c->r); }
static inline Str filter_text(TemplateFilterCall *c, const Buf *b) { return render_text_of(c->r, b); }
/* The result is as safe as the input is (for filters that are not called with is_safe). */
static inline Value like(Value v, Str s)
{
    return (Value){ .tag = v.tag == VALUE_SAFE ? VALUE_SAFE : VALUE_STR, .s = s };
}
static inline Str text_of(TemplateFilterCall *c, Value v) { return template_text(c->r, v).s; }
/* Python's int(arg), as python_clamped, or, for text that is no number, false (ValueError); other types raise TypeError. */
static inline bool int_argument(TemplateFilterCall *c, Value v, int64_t *out)
{
    if (python_clamped(c->r, v, out))
        return true;
    bool infinite = v.tag == VALUE_DOUBLE && __builtin_isinf(v.d); /* an OverflowError, where a NaN is a ValueError */
    if (infinite || (!value_is_text(v) && v.tag != VALUE_BYTES && v.tag != VALUE_DOUBLE))
        (void)need_int(c->r, v);
    return false;
}

/* The filter `date`. */
CLEF_PRIVATE(Value, filter_date, TemplateFilterCall *c, Value v);

#endif
