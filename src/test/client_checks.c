/* client_checks.c: Django's assertions about responses. */
#include "test/project.h"
#include <clef/forms.h>
#include <clef/orm/databases.h>
#include <clef/test/client.h>

#include <stdio.h>

bool test_check_status(const char *file, int line, const char *expression, const TestResponse *response, int status)
{
    if (response->status == status)
        return true;
    test_fail(file, line, "the status of ", expression);
    fprintf(stderr, "  got      %d\n  expected %d\n", response->status, status);
    test_show("the page ", response->content);
    return false;
}

static size_t count_in(Str text, Str part)
{
    size_t n = 0;
    for (size_t at; part.n && (at = str_find(text, part)) != STR_NPOS; n++)
        text = str_from_byte(text, at + part.n);
    return n;
}

bool test_check_response_contains(const char *file, int line, const char *expression, const TestResponse *response,
                                  Str text, TestContains o)
{
    if (!test_check_status(file, line, expression, response, o.status ? o.status : 200))
        return false;
    size_t n = count_in(response->content, text);
    if (o.count ? n == o.count : n > 0)
        return true;
    test_fail(file, line, expression, "");
    test_show("the page       ", response->content);
    test_show("should contain ", text);
    if (o.count)
        fprintf(stderr, "  %zu times; it does %zu times\n", o.count, n);
    return false;
}

bool test_check_response_lacks(const char *file, int line, const char *expression, const TestResponse *response,
                               Str text, TestContains o)
{
    if (!test_check_status(file, line, expression, response, o.status ? o.status : 200))
        return false;
    if (!str_contains(response->content, text))
        return true;
    test_fail(file, line, expression, "");
    test_show("the page           ", response->content);
    test_show("should not contain ", text);
    return false;
}

static bool check_number(const char *file, int line, const char *what, const char *expression, int got, int expected)
{
    if (got == expected)
        return true;
    test_fail(file, line, what, expression);
    fprintf(stderr, "  got      %d\n  expected %d\n", got, expected);
    return false;
}

bool test_check_redirects(const char *file, int line, const char *expression, const TestResponse *response, Str url,
                          TestRedirects o)
{
    int status = o.status ? o.status : 302, target = o.target_status ? o.target_status : 200;
    Str got;
    if (response->nredirects) {
        const TestRedirect *last = &response->redirects[response->nredirects - 1];
        if (!check_number(file, line, "the status of the redirect of ", expression, response->redirects[0].status,
                          status) ||
            !check_number(file, line, "the status of the page behind ", expression, response->status, target))
            return false;
        got = last->url;
    } else {
        if (!test_check_status(file, line, expression, response, status))
            return false;
        got = TEST_HEADER(response, "Location");
    }
    if (!str_eq(got, url)) {
        test_fail(file, line, "where it leads: ", expression);
        test_show("got      ", got);
        test_show("expected ", url);
        return false;
    }
    if (response->nredirects || o.no_fetch)
        return true;
    const TestResponse *page = CLIENT_GET(response->client, str_dup_c(test_arena(), url));
    return check_number(file, line, "the status of the page behind ", expression, page->status, target);
}

bool test_check_template(const char *file, int line, const char *expression, const TestResponse *response, Str name,
                         bool used)
{
    bool found = false;
    for (size_t i = 0; i < response->ntemplates; i++)
        found |= str_eq(response->templates[i], name);
    if (found == used)
        return true;
    test_fail(file, line, used ? "the templates of " : "a template that should not be used by ", expression);
    for (size_t i = 0; i < response->ntemplates; i++)
        test_show("rendered ", response->templates[i]);
    test_show(used ? "expected " : "not      ", name);
    return false;
}

bool test_check_form_error(const char *file, int line, const char *expression, const TestResponse *response,
                           const char *form, const char *field, const char *error)
{
    Value v;
    if (!test_response_context(response, str_c(form), &v) || v.tag != VALUE_OBJECT || v.cls != &form_class) {
        test_fail(file, line, expression, ": its context has no such form");
        test_show("expected ", str_c(form));
        return false;
    }
    const ValidationErrors *errors = form_errors_of((Form *)(uintptr_t)v.object, field);
    Arena *a = test_arena();
    if (error ? errors->n == 1 && str_eq(validation_error_text(a, &errors->p[0]), str_c(error)) : errors->n == 0)
        return true;
    test_fail(file, line, "the form's errors, ", expression);
    test_show("field    ", str_c(field));
    for (size_t i = 0; i < errors->n; i++)
        test_show("got      ", validation_error_text(a, &errors->p[i]));
    test_show("expected ", str_c(error));
    return false;
}

bool test_check_num_queries(const char *file, int line, const char *expression, const Context *cx, size_t got,
                            size_t expected)
{
    if (got == expected)
        return true;
    test_fail(file, line, "the number of ", expression);
    fprintf(stderr, "  got      %zu\n  expected %zu\n", got, expected);
    for (const LoggedQuery *q = sql_log(cx); q; q = q->next)
        test_show("", q->sql);
    return false;
}
