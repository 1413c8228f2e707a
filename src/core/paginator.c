/* paginator.c: counting, cutting, and what templates see of it. The rules are those of django.core.paginator. */
#include <clef/core/paginator.h>

Paginator *paginator_create(Context *cx, Value objects, size_t per_page, PaginatorOptions options)
{
    bool queryset = objects.tag == VALUE_OBJECT && objects.cls == &queryset_class;
    if (!queryset && objects.tag != VALUE_LIST)
        RAISE(cx, 500, "paginator", "A Paginator takes a QuerySet or a List, not %s.", value_type_name(objects));
    if (per_page == 0)
        RAISE(cx, 500, "paginator", "The pages of a Paginator must have room for one object at least.");
    Paginator *p = NEW(cx->arena, Paginator);
    *p = (Paginator){ .cx = cx, .object_list = objects, .per_page = per_page, .options = options };
    return p;
}

static QuerySet *queryset_in(Value v) { return v.tag == VALUE_OBJECT ? (QuerySet *)(uintptr_t)v.object : NULL; }

size_t paginator_count(Paginator *p)
{
    if (!p->counted) {
        QuerySet *q = queryset_in(p->object_list);
        p->count = q ? queryset_count(q) : p->object_list.list->n;
        p->counted = true;
    }
    return p->count;
}

size_t paginator_num_pages(Paginator *p)
{
    size_t count = paginator_count(p), orphans = p->options.orphans;
    if (count == 0 && p->options.no_empty_first_page)
        return 0;
    size_t hits = count > orphans ? count - orphans : 1;
    return (hits - 1) / p->per_page + 1;
}

const char *page_problem_text(PageProblem problem)
{
    static const char *const texts[] = { "", "That page number is not an integer", "That page number is less than 1",
                                         "That page contains no results" };
    return texts[problem];
}

/* Python's int(text): white space around, a sign, digits with single underscores between them. False: no integer. A number
 * beyond size_t is cut to its end; *negative is true for those below 0. */
static bool read_integer(Str s, size_t *out, bool *negative)
{
    s = str_trim(s);
    *negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_from_byte(s, 1);
    size_t v = 0;
    bool digit = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '_' && digit) {
            digit = false;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        digit = true;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (size_t)(c - '0'), &v))
            v = SIZE_MAX / 10; /* stays beyond any page */
    }
    *out = v;
    return digit;
}

static PageProblem validate(Paginator *p, size_t number)
{
    if (number < 1)
        return PAGE_LESS_THAN_ONE;
    return number > paginator_num_pages(p) ? PAGE_EMPTY : PAGE_OK;
}

PageProblem paginator_validate_number(Paginator *p, Str number, size_t *out)
{
    size_t n;
    bool negative;
    if (!read_integer(number, &n, &negative))
        return PAGE_NOT_AN_INTEGER;
    PageProblem problem = negative ? PAGE_LESS_THAN_ONE : validate(p, n);
    if (problem == PAGE_OK)
        *out = n;
    return problem;
}

static size_t valid_or_raise(Paginator *p, size_t number)
{
    PageProblem problem = validate(p, number);
    if (problem != PAGE_OK)
        RAISE(p->cx, 404, "invalid_page", "%s", page_problem_text(problem));
    return number;
}

static PaginatorPage *cut(Paginator *p, size_t number)
{
    size_t from = (number ? number - 1 : 0) * p->per_page, to = from + p->per_page;
    if (to < from || to + p->options.orphans < to || to + p->options.orphans >= paginator_count(p))
        to = paginator_count(p);
    PaginatorPage *page = NEW(p->cx->arena, PaginatorPage);
    *page = (PaginatorPage){ .paginator = p, .number = number };
    QuerySet *q = queryset_in(p->object_list);
    if (q) {
        page->object_list = value_queryset(queryset_slice(q, from, to));
    } else {
        List *all = p->object_list.list, *list = list_new(p->cx->arena);
        for (size_t i = from; i < to && i < all->n; i++)
            list_push(p->cx->arena, list, all->p[i]);
        page->object_list = value_list(list);
    }
    return page;
}

PaginatorPage *paginator_page(Paginator *p, size_t number) { return cut(p, valid_or_raise(p, number)); }

PaginatorPage *paginator_get_page(Paginator *p, Str number)
{
    size_t n = 1;
    PageProblem problem = paginator_validate_number(p, number, &n);
    if (problem == PAGE_NOT_AN_INTEGER)
        n = 1;
    else if (problem != PAGE_OK)
        n = paginator_num_pages(p);
    return cut(p, n);
}

bool page_has_next(const PaginatorPage *page) { return page->number < paginator_num_pages(page->paginator); }
bool page_has_previous(const PaginatorPage *page) { return page->number > 1; }
bool page_has_other_pages(const PaginatorPage *page) { return page_has_previous(page) || page_has_next(page); }
size_t page_next_page_number(const PaginatorPage *page) { return valid_or_raise(page->paginator, page->number + 1); }

size_t page_previous_page_number(const PaginatorPage *page)
{
    return valid_or_raise(page->paginator, page->number ? page->number - 1 : 0);
}

size_t page_start_index(const PaginatorPage *page)
{
    return paginator_count(page->paginator) == 0 ? 0 : page->paginator->per_page * (page->number - 1) + 1;
}

size_t page_end_index(const PaginatorPage *page)
{
    Paginator *p = page->paginator;
    return page->number == paginator_num_pages(p) ? paginator_count(p) : page->number * p->per_page;
}

size_t page_length(const PaginatorPage *page)
{
    QuerySet *q = queryset_in(page->object_list);
    return q ? queryset_length(q) : page->object_list.list->n;
}

QuerySet *page_queryset(const PaginatorPage *page) { return queryset_in(page->object_list); }

/* --- a row of links */

static void push_range(Arena *a, List *list, size_t from, size_t to)
{
    for (size_t i = from; i <= to; i++)
        list_push(a, list, value_int((int64_t)i));
}

List *paginator_elided_page_range(Paginator *p, size_t number, size_t on_each_side, size_t on_ends)
{
    Arena *a = p->cx->arena;
    List *list = list_new(a);
    size_t pages = paginator_num_pages(p);
    valid_or_raise(p, number);
    if (pages <= (on_each_side + on_ends) * 2) {
        push_range(a, list, 1, pages);
        return list;
    }
    if (number > 1 + on_each_side + on_ends + 1) {
        push_range(a, list, 1, on_ends);
        list_push(a, list, value_str(STR(PAGINATOR_ELLIPSIS)));
        push_range(a, list, number - on_each_side, number);
    } else {
        push_range(a, list, 1, number);
    }
    if (number + on_each_side + on_ends + 1 < pages) {
        push_range(a, list, number + 1, number + on_each_side);
        list_push(a, list, value_str(STR(PAGINATOR_ELLIPSIS)));
        push_range(a, list, pages - on_ends + 1, pages);
    } else {
        push_range(a, list, number + 1, pages);
    }
    return list;
}

/* --- as values */

/* 1 to the number of pages, without a list of them. */
static bool range_length(const void *self, size_t *out)
{
    *out = paginator_num_pages((Paginator *)(uintptr_t)self);
    return true;
}

static bool range_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    if (*cursor >= paginator_num_pages((Paginator *)(uintptr_t)self))
        return false;
    *out = value_int((int64_t)++ * cursor);
    return true;
}

static bool range_item(Arena *a, const void *self, Value key, Value *out)
{
    int64_t i;
    (void)a;
    size_t n = paginator_num_pages((Paginator *)(uintptr_t)self);
    if (!value_to_int(key, &i) || i < 0 || (size_t)i >= n)
        return false;
    *out = value_int(i + 1);
    return true;
}

static Str range_str(Arena *a, const void *self)
{
    return str_format(a, "range(1, %zu)", paginator_num_pages((Paginator *)(uintptr_t)self) + 1);
}

static const ValueClass range_class = {
    .name = "range", .str = range_str, .length = range_length, .item = range_item, .next = range_next
};

static bool paginator_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    Paginator *p = (Paginator *)(uintptr_t)self;
    Str name;
    if (!value_to_str(key, &name))
        return false;
    if (str_eq(name, STR("count")))
        *out = value_int((int64_t)paginator_count(p));
    else if (str_eq(name, STR("num_pages")))
        *out = value_int((int64_t)paginator_num_pages(p));
    else if (str_eq(name, STR("page_range")))
        *out = value_object(p, &range_class);
    else if (str_eq(name, STR("per_page")))
        *out = value_int((int64_t)p->per_page);
    else if (str_eq(name, STR("orphans")))
        *out = value_int((int64_t)p->options.orphans);
    else if (str_eq(name, STR("object_list")))
        *out = p->object_list;
    else
        return false;
    return true;
}

static bool paginator_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    Paginator *p = (Paginator *)(uintptr_t)self;
    if (*cursor >= paginator_num_pages(p))
        return false;
    *out = value_object(cut(p, ++*cursor), &paginator_page_class);
    return true;
}

static bool paginator_truth(const void *self)
{
    (void)self;
    return true;
}

const ValueClass paginator_class = {
    .name = "Paginator", .truth = paginator_truth, .item = paginator_item, .next = paginator_next
};

typedef enum PageName {
    NO_NAME,
    NUMBER,
    PAGINATOR,
    OBJECT_LIST,
    HAS_NEXT,
    HAS_PREVIOUS,
    HAS_OTHER_PAGES,
    NEXT_PAGE_NUMBER,
    PREVIOUS_PAGE_NUMBER,
    START_INDEX,
    END_INDEX,
    ELIDED_PAGE_RANGE,
    PAGE_NAMES
} PageName;

static PageName page_name(Str name)
{
    static const Str names[PAGE_NAMES] = {
        [NUMBER] = STR("number"),
        [PAGINATOR] = STR("paginator"),
        [OBJECT_LIST] = STR("object_list"),
        [HAS_NEXT] = STR("has_next"),
        [HAS_PREVIOUS] = STR("has_previous"),
        [HAS_OTHER_PAGES] = STR("has_other_pages"),
        [NEXT_PAGE_NUMBER] = STR("next_page_number"),
        [PREVIOUS_PAGE_NUMBER] = STR("previous_page_number"),
        [START_INDEX] = STR("start_index"),
        [END_INDEX] = STR("end_index"),
        [ELIDED_PAGE_RANGE] = STR("elided_page_range"),
    };
    for (PageName i = NO_NAME + 1; i < PAGE_NAMES; i++)
        if (str_eq(names[i], name))
            return i;
    return NO_NAME;
}

enum { ON_EACH_SIDE = 3, ON_ENDS = 2 };

static bool page_item(Arena *a, const void *self, Value key, Value *out)
{
    const PaginatorPage *page = self;
    Str name;
    if (!value_to_str(key, &name))
        return value_item(a, page->object_list, key, out);
    switch (page_name(name)) {
    case NUMBER:
        *out = value_int((int64_t)page->number);
        return true;
    case PAGINATOR:
        *out = value_object(page->paginator, &paginator_class);
        return true;
    case OBJECT_LIST:
        *out = page->object_list;
        return true;
    case HAS_NEXT:
        *out = value_bool(page_has_next(page));
        return true;
    case HAS_PREVIOUS:
        *out = value_bool(page_has_previous(page));
        return true;
    case HAS_OTHER_PAGES:
        *out = value_bool(page_has_other_pages(page));
        return true;
    case NEXT_PAGE_NUMBER:
        *out = value_int((int64_t)page_next_page_number(page));
        return true;
    case PREVIOUS_PAGE_NUMBER:
        *out = value_int((int64_t)page_previous_page_number(page));
        return true;
    case START_INDEX:
        *out = value_int((int64_t)page_start_index(page));
        return true;
    case END_INDEX:
        *out = value_int((int64_t)page_end_index(page));
        return true;
    case ELIDED_PAGE_RANGE:
        *out = value_list(paginator_elided_page_range(page->paginator, page->number, ON_EACH_SIDE, ON_ENDS));
        return true;
    case NO_NAME:
    case PAGE_NAMES:
        break;
    }
    return false;
}

static bool page_value_length(const void *self, size_t *out)
{
    *out = page_length(self);
    return true;
}

static bool page_value_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    return value_next(a, ((const PaginatorPage *)self)->object_list, cursor, out);
}

static Str page_value_str(Arena *a, const void *self)
{
    const PaginatorPage *page = self;
    return str_format(a, "<Page %zu of %zu>", page->number, paginator_num_pages(page->paginator));
}

const ValueClass paginator_page_class = {
    .name = "Page", .str = page_value_str, .length = page_value_length, .item = page_item, .next = page_value_next
};
