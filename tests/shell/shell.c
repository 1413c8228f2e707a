#include "../orm/blog.h"
#include <clef/shell.h>

static Shell *shell;
static const char *typed;

static void run(Context *cx, void *arg)
{
    Buf *b = arg;
    if (!shell_json(shell, b, shell_run(shell, str_c(typed))))
        RAISE(cx, 500, "value_error", "no JSON");
    buf_truncate(b, b->n - 1);
}

/* What typing this gives, as JSON, or the error. */
static Str given(Context *cx, const char *text)
{
    Buf b = BUF_INIT(cx->arena, 1 << 20);
    typed = text;
    const Error *e = attempt(cx, run, &b);
    return e ? str_format(cx->arena, "%.*s: %.*s", STR_FMT(shell_error_name(cx, e)), STR_FMT(e->message))
             : buf_view(&b);
}

typedef struct Row {
    const char *text, *result;
} Row;

static void check(Context *cx, const Row *rows, size_t n)
{
    fill_blog(cx);
    shell = shell_create(cx);
    for (size_t i = 0; i < n; i++) {
        Str got = given(cx, rows[i].text);
        if (!str_eq(got, str_c(rows[i].result)))
            CHECK_STR(str_format(cx->arena, "%s -> %.*s", rows[i].text, STR_FMT(got)), str_c(rows[i].result));
    }
}
#define CHECK_ALL(cx, ...)                         \
    do {                                           \
        static const Row rows[] = { __VA_ARGS__ }; \
        check(cx, rows, CLEF_COUNT(rows));         \
    } while (0)

/* clang-format off */
static void reads(Context *cx)
{
    CHECK_ALL(cx,
        { "Post.objects.count()", "5" },
        { "Post.objects.filter(views__gt=20).order_by('-views')[:2].values_list('pk', 'title')", "[[5, \"Fifth\"], [4, \"fourth\"]]" },
        { "Post.objects.filter(Q(views=10) | ~Q(published=True)).order_by('pk').values_list('slug', flat=True)", "[\"first\", \"third\"]" },
        { "Post.objects.exclude(rating__isnull=True).values('slug', 'rating')[0]", "{\"slug\": \"fourth\", \"rating\": 1}" },
        { "Author.objects.values_list('name', flat=True)", "[\"Ada\", \"Bob\", \"Eve\"]" },
        { "Author.objects.annotate(n=Count('posts')).filter(n__gte=2).order_by('-n', 'pk').values_list('name', 'n')", "[[\"Ada\", 2], [\"Eve\", 2]]" },
        { "Post.objects.aggregate(Sum('views'), top=Max('views'))", "{\"views__sum\": 150, \"top\": 50}" },
        { "Post.objects.annotate(t=F('views') * 2 + 1).order_by('pk').values_list('t', flat=True)[1:3]", "[41, 61]" },
        { "Post.objects.filter(author__in=Author.objects.filter(name='Bob')).get().title", "\"Third\"" },
        { "a = Author.objects.get(name='Ada')\na.posts.count(), a.mentor, str(a.author), repr(a)", "{\"$tuple\": [2, null, \"<RelatedManager author>\", \"<Author: Author object (1)>\"]}" },
        { "a.posts.order_by('pk')[1].title.upper()", "\"SECOND\"" },
        { "Post.objects.get(pk=1).get_rating_display()", "\"splendid\"" },
        { "Post.objects.get(pk=2).author.name", "\"Ada\"" },
        { "[p.views for p in Post.objects.order_by('pk')[:3]]", "[10, 20, 30]" },
        { "Country.objects.first()", "{\"$model\": \"blog.Country\", \"pk\": \"NO\", \"fields\": {\"code\": \"NO\", \"name\": \"Norway\"}}" },
        { "blog.Country.objects.in_bulk(['NO'])['NO'].name", "\"Norway\"" },
        { "Post.objects.filter(created__year__gt=2000, price__lt=D('13')).exists()", "true" },
        { "Post.objects.order_by('views').values_list('price', flat=True)[4]", "{\"$decimal\": \"12.50\"}" },
        { "Post.objects.annotate(s=Case(When(views__gt=40, then=Value('hot')), default=Value('cold'))).order_by('-views')[0].s", "\"hot\"" },
        { "Author.objects.annotate(h=Exists(Post.objects.filter(author=OuterRef('pk'), published=False))).filter(h=True).get().name", "\"Bob\"" },
        { "Post.objects.latest('views').title, Post.objects.earliest('views').title", "{\"$tuple\": [\"Fifth\", \"First\"]}" },
        { "Author.objects.none()", "[]" });
}

static void computes(Context *cx)
{
    CHECK_ALL(cx,
        { "1 + 2 * 3 - -4", "11" }, { "2 ** 10 // 3 % 7", "5" }, { "-7 // 2", "-4" }, { "7 / 2", "3.5" }, { "6 / -1", "-6.0" }, { "7 % -1", "0" }, { "7 // -1", "-7" }, { "1_000", "1000" },
        { "'a' + \"b\" 'c'", "\"abc\"" }, { "r'\\d' + '\\n\\x41\\u00e9'", "\"\\\\d\\nA\\u00e9\"" }, { "f'{1 + 1}!'", "\"2!\"" },
        { "b'\\xff'", "{\"$bytes\": \"\\u00ff\"}" }, { "[1, (2, 3), {'a': None}]", "[1, {\"$tuple\": [2, 3]}, {\"a\": null}]" },
        { "not (1 < 2) or 3 == 3 and 4 != 5", "true" }, { "len([1, 2]) + len('abc')", "5" }, { "sorted([3, 1, 2])[-1]", "3" },
        { "[x * x for x in range(2, 5)]", "[4, 9, 16]" }, { "date(2024, 2, 29)", "{\"$date\": \"2024-02-29\"}" },
        { "datetime(2024, 1, 1, 12) - timedelta(hours=13)", "{\"$datetime\": \"2023-12-31T23:00:00\"}" },
        { "timedelta(days=1, seconds=1.5)", "{\"$timedelta\": \"86401.500000\"}" }, { "D('1.50')", "{\"$decimal\": \"1.50\"}" },
        { "# nothing", "null" }, { "x = 5; y = x * 2\ny", "10" }, { "{'a': 1}.get('b', 2), {'a': 1}.keys()", "{\"$tuple\": [2, [\"a\"]]}" },
        { "(1,\n 2)[0]", "1" });
}

static void writes(Context *cx)
{
    CHECK_ALL(cx,
        { "t = Tag.objects.create(name='new'); t.pk", "1" },
        { "t.name = 'newer'; t.save(); Tag.objects.get().name", "\"newer\"" },
        { "Tag.objects.get_or_create(name='newer')[1], Tag.objects.get_or_create(name='x')[1]", "{\"$tuple\": [false, true]}" },
        { "Tag.objects.update_or_create(name='x', defaults={'name': 'y'})[0].name", "\"y\"" },
        { "p = Post.objects.get(pk=1); p.tags.add(t, 2); p.tags.count()", "2" },
        { "p.tags.remove(t); p.tags.set([1, 2]); p.tags.clear(); p.tags.exists()", "false" },
        { "Post.objects.filter(pk=1).update(views=F('views') + 5, title=Upper('title'))", "1" },
        { "p.refresh_from_db(); p.views, p.title", "{\"$tuple\": [15, \"FIRST\"]}" },
        { "p.author = Author.objects.get(name='Bob'); p.save(update_fields=['author']); Post.objects.get(pk=1).author_id", "2" },
        { "Tag(name='z').save(); Tag.objects.count()", "3" },
        { "Tag.objects.bulk_create([Tag(name=f'b{i}') for i in range(3)])[2].name", "\"b2\"" },
        { "Tag.objects.filter(name__startswith='b').delete()", "3" },
        { "Author.objects.get(pk=1).posts.create(title='t', slug='t').author_id", "1" });
}

static void explains(Context *cx)
{
    CHECK_ALL(cx,
        { "Post.objects.filter(titel=1)", "FieldError: Cannot resolve keyword 'titel' into field. Choices are: author, author_id, body, changed, "
          "created, day, id, note, price, published, rating, slug, tags, title, token, views. Did you mean 'title'?" },
        { "Pots.objects", "NameError: name 'Pots' is not defined. Did you mean: 'Post'?" },
        { "Post.objects.fliter()", "AttributeError: 'QuerySet' object has no attribute 'fliter'. Did you mean: 'filter'?" },
        { "Post.objects.get(pk=99)", "DoesNotExist: Post matching query does not exist." },
        { "Post.objects.all()[-1]", "ValueError: Negative indexing is not supported." },
        { "Post(titel='x')", "TypeError: Post() got unexpected keyword arguments: 'titel'. Did you mean: 'title'?" },
        { "Post.objects.aggregate(x=F('views'))", "TypeError: x is not an aggregate expression" },
        { "1 +", "SyntaxError: line 1, column 4: something is missing here" },
        { "f(1", "SyntaxError: line 1, column 4: ')' is missing here" },
        { "import os", "SyntaxError: line 1, column 8: 'import': the shell has expressions and assignments only" },
        { "x = 'abc", "SyntaxError: line 1, column 5: the text is not closed" },
        { "a $ b", "SyntaxError: line 1, column 3: this character means nothing here" },
        { "1 / 0", "ZeroDivisionError: division by zero" },
        { "9223372036854775807 + 1", "OverflowError: the result has more than 64 bits" },
        { "[1][5]", "IndexError: list index out of range" },
        { "'a' + 1", "TypeError: unsupported operand type(s) for +: 'str' and 'int'" },
        { "Tag.objects.create(id=1, name='a'); Tag.objects.create(id=1, name='b')", "IntegrityError: UNIQUE constraint failed: blog_tag.id" });
}
/* clang-format on */

TEST(shell, reads_by_querysets)
{
    with_blog(reads);
}
TEST(shell, computes_as_python)
{
    with_blog(computes);
}
TEST(shell, makes_and_changes_rows)
{
    with_blog(writes);
}
TEST(shell, says_what_is_wrong)
{
    with_blog(explains);
}

static void prints(Context *cx)
{
    fill_blog(cx);
    shell = shell_create(cx);
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    CHECK(shell_print(shell, &b, shell_run(shell, STR("Author.objects.values('name', 'email')")), 2));
    CHECK_STR(buf_view(&b),
              STR("name  email\n----  ---------------\nAda   ada@example.org\nBob   bob@example.com\n(2 of 3 rows)\n"));
    buf_clear(&b);
    CHECK(shell_print(shell, &b, shell_run(shell, STR("Tag.objects.all()")), 0));
    CHECK(shell_print(shell, &b, shell_run(shell, STR("x = 1")), 0));
    CHECK(shell_print(shell, &b, shell_run(shell, STR("True, D('1.5')")), 0));
    CHECK_STR(buf_view(&b), STR("(no rows)\n{\"$tuple\": [true, {\"$decimal\": \"1.5\"}]}\n"));
}
TEST(shell, prints_tables)
{
    with_blog(prints);
}

static Str completed(const char *text)
{
    Buf b = BUF_INIT(test_arena(), 4096);
    for (const char *const *names = shell_complete(shell, str_c(text)); *names; names++)
        buf_printf(&b, "%s%s", b.n ? " " : "", *names);
    return buf_view(&b);
}

static void completes(Context *cx)
{
    shell = shell_create(cx);
    CHECK_STR(completed("Po"), STR("Post"));
    CHECK_STR(completed("Post.o"), STR("objects"));
    CHECK_STR(completed("Post.objects.ord"), STR("order_by("));
    CHECK_STR(completed("Post.objects.filter(vi"), STR("views="));
    CHECK_STR(completed("Post.objects.filter(author__na"), STR("author__name="));
    CHECK_STR(completed("Post.objects.filter(title__ico"), STR("title__icontains="));
    CHECK_STR(completed("Post.objects.order_by('-crea"), STR("created"));
    CHECK_STR(completed("zzz"), STR(""));
}
TEST(shell, completes_names)
{
    with_blog(completes);
}

TEST(shell, knows_when_more_lines_are_needed)
{
    CHECK(shell_is_open(STR("f(1,\n")));
    CHECK(shell_is_open(STR("[{'a':")));
    CHECK(!shell_is_open(STR("f('(')\n")));
    CHECK(!shell_is_open(STR("1 # (")));
}

static void nested(Context *cx)
{
    shell = shell_create(cx);
    Buf b = BUF_INIT(cx->arena, 1 << 20);
    for (int i = 0; i < 10000; i++)
        buf_byte(&b, '(');
    CHECK_STR_CONTAINS(given(cx, buf_c(&b, "1") ? buf_view(&b).p : ""), STR("nested deeper than 48"));
    buf_clear(&b);
    for (int i = 0; i < 10000; i++)
        buf_c(&b, "- ");
    buf_byte(&b, '1');
    CHECK_STR_CONTAINS(given(cx, str_dup_c(cx->arena, buf_view(&b))), STR("nested deeper than 48"));
    buf_clear(&b);
    for (int i = 0; i < 40000; i++)
        buf_c(&b, "1+");
    CHECK_STR_CONTAINS(given(cx, str_dup_c(cx->arena, buf_view(&b))), STR("more than 65536 bytes"));
}
TEST(shell, depth_and_length_have_limits)
{
    with_blog(nested);
}
