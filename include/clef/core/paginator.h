/*
 * paginator.h: a long list in pages: Django's Paginator and Page.
 *
 *     const PaginatorPage *page = paginator_get_page(Paginator(r, tickets, 20), GET(r, "page"));
 *     return RENDER(r, "tickets/list.html", "page_obj", page);
 *
 *     {% for ticket in page_obj %} ... {% endfor %}
 *     Page {{ page_obj.number }} of {{ page_obj.paginator.num_pages }}
 *     {% if page_obj.has_next %}<a href="?page={{ page_obj.next_page_number }}">Next</a>{% endif %}
 *
 * The list is a QuerySet * or a List *. A queryset is counted once, when the number of pages is first needed, and each
 * page reads its own rows only, when they are first looked at; give it an order, or a row may stand on two pages. Pages
 * count from 1. Everything lives in the memory of the context.
 *
 * In a template a page has: number, paginator, object_list, has_next, has_previous, has_other_pages, next_page_number,
 * previous_page_number, start_index, end_index, and elided_page_range (Clef's own); it is a sequence of its objects. A
 * paginator has: count, num_pages, page_range, per_page, object_list; it is a sequence of its pages. Django's page:
 * "Paginator".
 */
#ifndef CLEF_CORE_PAGINATOR_H
#define CLEF_CORE_PAGINATOR_H

#include <clef/orm/queryset.h>
#include <clef/orm/value.h>

typedef struct PaginatorOptions {
    size_t orphans;           /* a last page with so many objects or fewer joins the one before */
    bool no_empty_first_page; /* allow_empty_first_page = False: an empty list has no page at all */
} PaginatorOptions;

typedef struct Paginator {
    Context *cx;
    Value object_list;
    size_t per_page;
    PaginatorOptions options;
    size_t count; /* private: paginator_count */
    bool counted; /* private */
} Paginator;

/* Django's Page. */
typedef struct PaginatorPage {
    Paginator *paginator;
    size_t number;
    Value object_list; /* a QuerySet or a List of this page's objects */
} PaginatorPage;

/* `objects` is a boxed QuerySet or List; anything else, or per_page 0, raises 500 "paginator". */
CLEF_API(Paginator *, paginator_create, Context *cx, Value objects, size_t per_page, PaginatorOptions options)
CLEF_NONNULL;
#define Paginator(r, objects, per_page, ...) \
    paginator_create(CX(r), VALUE(objects), (per_page), (PaginatorOptions){ __VA_ARGS__ })

/* How many objects there are on all pages. */
CLEF_API(size_t, paginator_count, Paginator *p);
/* How many pages: at least one, unless there is nothing and .no_empty_first_page. */
CLEF_API(size_t, paginator_num_pages, Paginator *p);

/* Why a number is not that of a page: Django's InvalidPage and its kinds. */
typedef enum PageProblem { PAGE_OK, PAGE_NOT_AN_INTEGER, PAGE_LESS_THAN_ONE, PAGE_EMPTY } PageProblem;
/* Django's sentence. */
CLEF_API(const char *, page_problem_text, PageProblem problem) CLEF_NONNULL;
/* A number as a person or a link gives it, read as Python's int() reads text; *out is set when PAGE_OK is returned. */
CLEF_API(PageProblem, paginator_validate_number, Paginator *p, Str number, size_t *out) CLEF_MUST_USE;

/* The page of that number; raises 404 "invalid_page" with the sentence of the problem. */
CLEF_API(PaginatorPage *, paginator_page, Paginator *p, size_t number) CLEF_NONNULL;
/*
 * For what came from outside, and never raises: the first page for what is no number, the last one for what is out of
 * range.
 */
CLEF_API(PaginatorPage *, paginator_get_page, Paginator *p, Str number) CLEF_NONNULL;

CLEF_API(bool, page_has_next, const PaginatorPage *page);
CLEF_API(bool, page_has_previous, const PaginatorPage *page);
CLEF_API(bool, page_has_other_pages, const PaginatorPage *page);
/* These raise 404 "invalid_page" where there is no such page. */
CLEF_API(size_t, page_next_page_number, const PaginatorPage *page);
CLEF_API(size_t, page_previous_page_number, const PaginatorPage *page);
/* The place of the first and the last object of the page among all, from 1; 0 when there is none. */
CLEF_API(size_t, page_start_index, const PaginatorPage *page);
CLEF_API(size_t, page_end_index, const PaginatorPage *page);
/* The objects on the page. */
CLEF_API(size_t, page_length, const PaginatorPage *page);
/* The page's queryset; NULL when it is of a List. */
CLEF_API(QuerySet *, page_queryset, const PaginatorPage *page);

/*
 * The numbers to show in a row of links: `on_each_side` around `number`, `on_ends` at both ends, and PAGINATOR_ELLIPSIS (a
 * text) where numbers are left out; all numbers when there are few. Django's defaults are 3 and 2.
 */
#define PAGINATOR_ELLIPSIS "\u2026"
CLEF_API(List *, paginator_elided_page_range, Paginator *p, size_t number, size_t on_each_side, size_t on_ends)
CLEF_NONNULL;

/* VALUE(page) and VALUE(paginator). */
CLEF_DATA(const ValueClass, paginator_class);
CLEF_DATA(const ValueClass, paginator_page_class);
CLEF_BOX(paginator, void, value_object(*(const void *const *)v, &paginator_class))
CLEF_BOX(paginator_page, void, value_object(*(const void *const *)v, &paginator_page_class))
#undef CLEF_VALUE_UPPER_3
/* clang-format off */
#define CLEF_VALUE_UPPER_3(F) \
    Paginator *: F(clef_value_of_paginator), const Paginator *: F(clef_value_of_paginator), \
    PaginatorPage *: F(clef_value_of_paginator_page), const PaginatorPage *: F(clef_value_of_paginator_page),
/* clang-format on */

#endif
