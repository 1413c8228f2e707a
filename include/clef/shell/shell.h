/*
 * shell.h: the queryset language, as Django's users type it at `manage.py shell`: one expression or assignment a line, over
 * the models of the installed applications.
 *
 *     Post.objects.filter(views__gt=10).exclude(tags__name="x").order_by("-created")[:5]
 *     a = Author.objects.get(pk=3)
 *     a.posts.count()
 *     Post.objects.values("author__name").annotate(n=Count("pk")).order_by("-n")
 *     p = Post(title="New", author=a); p.save()
 *
 * Models are known by their names (by "app.Name" as well where two applications share one), and so are the expressions
 * of expr.h under Django's names, the modules timezone, translation and transaction, Python's datetime, Decimal (D),
 * UUID and ZoneInfo, and its functions of lists, texts and numbers. Statements are expressions, assignments, `for`,
 * `if`, `with`, `try`, `del`, `assert`, and imports, which find what is known anyway. There are no definitions and no
 * `while`; what is missing is told by name.
 *
 * Errors are raised, with the codes of the ORM; those of the language itself are "syntax_error", "name_error",
 * "attribute_error" and "type_error". https://docs.djangoproject.com/en/6.0/ref/models/querysets/
 */
#ifndef CLEF_SHELL_SHELL_H
#define CLEF_SHELL_SHELL_H

#include <clef/base/value.h>
#include <clef/rt/context.h>

typedef struct Shell Shell;

/* Lives in the memory of the context, and asks its databases. */
CLEF_API(Shell *, shell_create, Context *cx) CLEF_NONNULL CLEF_MUST_USE;
/* Runs statements; the value of the last one, null of an assignment. Variables stay for the next call. */
CLEF_API(Value, shell_run, Shell *s, Str text);
/* More lines are needed: a bracket or a text is open. */
CLEF_API(bool, shell_is_open, Str text);

/* What people read: a table of rows, a line for anything else. At most `rows` rows (0: 21, as Django's repr). */
CLEF_API(bool, shell_print, Shell *s, Buf *out, Value v, size_t rows);
/*
 * The same for machines, one line of JSON: rows as {"$model", "pk", "fields"}, {"$decimal"}, {"$date"}, {"$datetime"},
 * {"$time"}, {"$timedelta"} seconds, {"$uuid"}, {"$bytes"}, {"$tuple"}, {"$dict"} for maps whose keys are no texts.
 */
CLEF_API(bool, shell_json, Shell *s, Buf *out, Value v);
/* Django's name of an error: "FieldError", "Post.DoesNotExist", "IntegrityError". */
CLEF_API(Str, shell_error_name, Context *cx, const Error *e);

/* What Django's error says, as str() gives it: of a ProtectedError with the rows in the way. */
CLEF_API(Str, shell_error_text, Shell *s, const Error *e);

/* Names that may follow the text, for completion: of models, variables, methods, fields, lookups. Ends at NULL. */
CLEF_API(const char *const *, shell_complete, Shell *s, Str text) CLEF_NONNULL;

#endif
