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
    return e ? str_format(cx->arena, "%.*s: %.*s", STR_FMT(shell_error_name(cx, e)),
                          STR_FMT(shell_error_text(shell, e)))
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
        { "Post.objects.filter(views__gt=20).order_by('-views')[:2].values_list('pk', 'title')", "[{\"$tuple\": [5, \"Fifth\"]}, {\"$tuple\": [4, \"fourth\"]}]" },
        { "Post.objects.filter(Q(views=10) | ~Q(published=True)).order_by('pk').values_list('slug', flat=True)", "[\"first\", \"third\"]" },
        { "Post.objects.exclude(rating__isnull=True).values('slug', 'rating')[0]", "{\"slug\": \"fourth\", \"rating\": 1}" },
        { "Author.objects.values_list('name', flat=True)", "[\"Ada\", \"Bob\", \"Eve\"]" },
        { "Author.objects.annotate(n=Count('posts')).filter(n__gte=2).order_by('-n', 'pk').values_list('name', 'n')", "[{\"$tuple\": [\"Ada\", 2]}, {\"$tuple\": [\"Eve\", 2]}]" },
        { "Post.objects.aggregate(Sum('views'), top=Max('views'))", "{\"views__sum\": 150, \"top\": 50}" },
        { "Post.objects.annotate(t=F('views') * 2 + 1).order_by('pk').values_list('t', flat=True)[1:3]", "[41, 61]" },
        { "Post.objects.filter(author__in=Author.objects.filter(name='Bob')).get().title", "\"Third\"" },
        { "a = Author.objects.get(name='Ada')\na.posts.count(), a.mentor, str(a.author_set), repr(a)", "{\"$tuple\": [2, null, \"<RelatedManager author>\", \"<Author: Author object (1)>\"]}" },
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

static void runs_statements(Context *cx)
{
    CHECK_ALL(cx,
        { "n = 0\nfor i in range(5):\n    if i % 2:\n        continue_ = i\n        n += i\n    elif i == 4: n += 10\n    else:\n        pass\nn", "14" },
        { "for a, (b, c) in [(1, (2, 3))]: x = a + b + c; y = x\n(x, y)", "{\"$tuple\": [6, 6]}" },
        { "with timezone.override('Asia/Kolkata'): z = timezone.get_current_timezone_name()\n(z, timezone.get_current_timezone_name())", "{\"$tuple\": [\"Asia/Kolkata\", \"UTC\"]}" },
        { "with translation.override('de'):\n    l = translation.get_language()\nl", "\"de\"" },
        { "try:\n    1 / 0\nexcept (ValueError, ZeroDivisionError) as e:\n    m = str(e)\nm", "\"division by zero\"" },
        { "try:\n    with transaction.atomic():\n        Tag.objects.create(name='lost')\n        Tag.objects.get(pk=0)\nexcept Tag.DoesNotExist: pass\nTag.objects.count()", "0" },
        { "from django.db.models import Count as C, Q\nfrom datetime import (date, timedelta)\nimport datetime as dt, uuid\n(Author.objects.aggregate(n=C('pk')), dt.date(2024, 1, 2))", "{\"$tuple\": [{\"n\": 3}, {\"$date\": \"2024-01-02\"}]}" },
        { "d = {'a': [1]}; d['b'] = 2; d['a'].append(3); del d['b']; d", "{\"a\": [1, 3]}" },
        { "x = y = [1, 2]; x[0] = 9; y", "[9, 2]" },
        { "assert 1 < 2 <= 2 != 3, 'no'", "null" });
}

static void knows_python(Context *cx)
{
    CHECK_ALL(cx,
        { "[a for a, b in [(1, 2), (3, 4)] if b > 2], {i: i * i for i in range(2)}, {x for x in [2, 1, 2]}", "{\"$tuple\": [[3], {\"$dict\": [[0, 0], [1, 1]]}, {\"$set\": [1, 2]}]}" },
        { "[(a, b) for a in 'xy' for b in range(2) if b]", "[{\"$tuple\": [\"x\", 1]}, {\"$tuple\": [\"y\", 1]}]" },
        { "sorted(['b', 'a', 'C'], key=lambda s: s.lower(), reverse=True)", "[\"C\", \"b\", \"a\"]" },
        { "'yes' if 2 in (1, 2) and 3 not in [1] and None is None else 'no'", "\"yes\"" },
        { "[None is None, True is not False, 1 is 1, [] is [], 1.5 is None]", "[true, true, true, false, false]" },
        { "f'{3.14159:.2f}|{7:03d}|{\"a\"!r}|{1234567:,}|{{}}|{[1][0]:>3}'", "\"3.14|007|'a'|1,234,567|{}|  1\"" },
        { "10 ** 30, 2 ** 70 - 1, -(2 ** 64)", "{\"$tuple\": [1000000000000000000000000000000, 1180591620717411303423, -18446744073709551616]}" },
        { "D('1.10') + 2, D('1') / 3, D('2.50') * D('1.5')", "{\"$tuple\": [{\"$decimal\": \"3.10\"}, {\"$decimal\": \"0.3333333333333333333333333333\"}, {\"$decimal\": \"3.750\"}]}" },
        { "sum([1, 2.5]), min(3, 1), max('ab'), any([0, 1]), all([]), round(2.5), abs(-3)", "{\"$tuple\": [3.5, 1, \"b\", true, true, 2, 3]}" },
        { "list(zip('ab', [1, 2])), list(enumerate('a', 1)), dict(a=1, **{'b': 2}), list(map(lambda x: x + 1, [1])), [1, 2, 3, 4][::-2]", "{\"$tuple\": [[{\"$tuple\": [\"a\", 1]}, {\"$tuple\": [\"b\", 2]}], [{\"$tuple\": [1, \"a\"]}], {\"a\": 1, \"b\": 2}, [2], [4, 2]]}" },
        { "'a,b'.split(','), '-'.join(['x', 'y']), ' z '.strip(), 'abc'[1:], 'ab' * 2, '{}{n}'.format(1, n=2), 'a b'.title()", "{\"$tuple\": [[\"a\", \"b\"], \"x-y\", \"z\", \"bc\", \"abab\", \"12\", \"A B\"]}" },
        { "{1, 2} | {3}, {1, 2} & {2}, {1: 2}.get(1), [1] + [2], (1,) * 2", "{\"$tuple\": [{\"$set\": [1, 2, 3]}, {\"$set\": [2]}, 2, [1, 2], {\"$tuple\": [1, 1]}]}" },
        { "datetime(2024, 1, 31, 23, 30, tzinfo=zoneinfo.ZoneInfo('America/New_York'))", "{\"$datetime\": \"2024-01-31T23:30:00-05:00\", \"tz\": \"America/New_York\"}" },
        { "t = datetime(2024, 1, 31, tzinfo=utc)\n(t.year, t.date(), (t + timedelta(hours=5)).hour, t.replace(day=1).isoformat(), date(2024, 3, 1) - date(2024, 2, 1))", "{\"$tuple\": [2024, {\"$date\": \"2024-01-31\"}, 5, \"2024-01-01T00:00:00+00:00\", {\"$timedelta\": \"2505600.000000\"}]}" },
        { "repr([date(2024, 1, 2), None, 'it\\'s', D('1.0'), timedelta(days=1), {'a': True}])", "\"[datetime.date(2024, 1, 2), None, \\\"it's\\\", Decimal('1.0'), datetime.timedelta(days=1), {'a': True}]\"" },
        { "isinstance(1, (str, int)), hasattr(Post(), 'title'), getattr(Post(), 'nope', 3), type(Post()).__name__", "{\"$tuple\": [true, true, 3, \"Post\"]}" },
        { "~5, 6 & 3, 6 | 1, 6 ^ 3, 1 << 4, -7 >> 1, 7.5 // 2, 7.5 % 2", "{\"$tuple\": [-6, 2, 7, 5, 16, -4, 3.0, 1.5]}" });
}

static void agrees_on_values(Context *cx)
{
    CHECK_ALL(cx,
        { "Post.objects.aggregate(a=Sum('views'), b=F('a') * 2)", "{\"a\": 150, \"b\": 300}" },
        { "Post.objects.aggregate(views=Sum('views'), b=Max('views'))", "{\"views\": 150, \"b\": 50}" },
        { "Post.objects.aggregate(a=Sum('views'), b=Max('a'))", "FieldError: Cannot compute Max('a'): 'a' is an aggregate" },
        { "Post.objects.filter(pk__lt=3).aggregate(v=Avg('views', output_field=IntegerField()), w=Avg(F('views') / Value(2.0), output_field=IntegerField()))", "{\"v\": 15, \"w\": 7}" },
        { "Post.objects.annotate(big=Q(views__gt=25)).values('big').annotate(n=Count('pk')).order_by('big')", "[{\"big\": false, \"n\": 2}, {\"big\": true, \"n\": 3}]" },
        { "u = Post.objects.order_by().filter(pk=1).annotate(n=Count('pk')).union(Post.objects.order_by().filter(pk=2).annotate(n=Count('pk')))\nu.order_by('pk').values_list('pk', 'n')", "[{\"$tuple\": [1, 1]}, {\"$tuple\": [2, 1]}]" },
        { "u.values('pk').count(), u.order_by('?').count()", "{\"$tuple\": [2, 2]}" },
        { "u.get(pk=1)", "NotSupportedError: Calling QuerySet.get(...) with filters after union() is not supported." },
        { "[p.pk for p in Post.objects.order_by('pk')[0:5:2]]", "[1, 3, 5]" },
        { "Post.objects.filter(pk=1).annotate(x=F('title')[1:9:2])", "ValueError: Step argument is not supported." },
        { "Post.objects.raw('SELECT * FROM blog_post ORDER BY id')[1].pk, len(Post.objects.raw('SELECT * FROM blog_post ORDER BY id')[:3])", "{\"$tuple\": [2, 3]}" },
        { "Post.objects.only().get(pk=1).get_deferred_fields()", "{\"$set\": []}" },
        { "p = Post.objects.get(pk=1); p.title = 'x'; p.views = 77\np.refresh_from_db(fields=['title'])\n(p.title, p.views)", "{\"$tuple\": [\"First\", 77]}" },
        { "Post.objects.aggregate(v=Count(ExpressionWrapper(~Q(pk__in=[]), output_field=BooleanField())))", "{\"v\": 5}" },
        { "Post.objects.annotate(x=~Q(pk__in=[])).filter(x__isnull=False).count()", "5" },
        { "RowRange(start=-1, end=1, exclusion='x')", "TypeError: RowRange.exclusion must be a WindowFrameExclusion instance." },
        { "Post.objects.filter(F('published'))", "TypeError: Cannot filter against a non-conditional expression." },
        { "Post.objects.order_by(Q(pk=1))", "AttributeError: 'Q' object has no attribute 'asc'" },
        { "Post.objects.intersection(Post.objects.all(), all=True)", "TypeError: QuerySet.intersection() got an unexpected keyword argument 'all'" },
        { "p = Post.objects.get(pk=1); hasattr(p, 'get_next_by_created'), hasattr(p, 'get_next_by_day')", "{\"$tuple\": [true, false]}" },
        { "str(uuid.UUID(int=5))", "\"00000000-0000-0000-0000-000000000005\"" },
        { "Post.objects.complex_filter({'views__lt': 20}).count(), Post.objects.complex_filter(Q(views=20)).count()", "{\"$tuple\": [1, 1]}" },
        { "Post.objects.values('views').latest('views')", "{\"views\": 50}" },
        { "Sum('views') > 5", "TypeError: '>' not supported between instances of 'Sum' and 'int'" },
        { "RowRange(start='a', end=1)", "ValueError: start argument must be an integer, zero, or None, but got 'a'." });
}

/* Types that only SQLite mixes. */
static void agrees_on_mixed_types(Context *cx)
{
    if (!str_eq(str_c(test_vendor()), STR("sqlite")))
        return;
    CHECK_ALL(cx,
        { "Post.objects.aggregate(v=Sum('title'))", "{\"v\": 0.0}" },
        { "Post.objects.filter(pk=1).values_list(Lower(5), flat=True)", "[5]" },
        { "Post.objects.aggregate(v=Sum('price', default=D('1.5'), filter=Q(pk=-1)))", "{\"v\": {\"$decimal\": \"1.5\"}}" },
        { "Post.objects.filter(pk=1).values_list(Cast('views', BooleanField()), flat=True)", "[10]" },
        { "Post.objects.aggregate(v=StringAgg('title', delimiter=Value(','), distinct=True))", "NotSupportedError: StringAgg does not support distinct with multiple expressions on this database backend." });
}

static void knows_querysets(Context *cx)
{
    CHECK_ALL(cx,
        { "Post.objects.order_by(Lower('title').desc(), F('pk').asc(nulls_last=True)).values_list('title', flat=True)[:2]", "[\"Third\", \"Second\"]" },
        { "Post.objects.values_list('pk', 'slug', named=True).order_by('pk')[0].slug", "\"first\"" },
        { "Post.objects.order_by('pk').values_list('pk', named=True)[:1]", "[{\"$namedtuple\": [\"pk\"], \"values\": [1]}]" },
        { "(Post.objects.filter(pk=1) | Post.objects.filter(pk=3)).order_by('pk').values_list('pk', flat=True)", "[1, 3]" },
        { "Tag.objects.bulk_create([Tag(name='a'), Tag(name='b')]); Tag.objects.filter(pk=1).union(Tag.objects.filter(pk=2)).count()", "2" },
        { "Post.objects.in_bulk([1])[1].slug, Post.objects.in_bulk(['first'], field_name='slug')['first'].pk", "{\"$tuple\": [\"first\", 1]}" },
        { "Post.objects.filter(Q(('views__lt', 15)) & ~Q()).get().pk, Post.objects.filter(Q(views=10, pk=3, _connector=Q.OR)).count()", "{\"$tuple\": [1, 2]}" },
        { "Post.objects.filter(pk=1).contains(Post.objects.get(pk=1)), bool(Post.objects.none()), Post.objects.none().query.is_empty(), Post.objects.all().ordered", "{\"$tuple\": [true, false, true, true]}" },
        { "str(Author.objects.get(pk=1)), repr(Author.objects.order_by('pk')[:1])", "{\"$tuple\": [\"Author object (1)\", \"<QuerySet [<Author: Author object (1)>]>\"]}" },
        { "Post.objects.get(pk=2).get_next_by_created().pk, Post.objects.get(pk=2).get_previous_by_created().pk", "{\"$tuple\": [3, 1]}" },
        { "[b.post_set for b in []], Author.objects.get(pk=1).posts.filter(views__gt=10).count()", "{\"$tuple\": [[], 1]}" },
        { "Post.objects.annotate(n=Window(RowNumber(), order_by=F('pk').desc())).order_by('pk').values_list('n', flat=True)", "[5, 4, 3, 2, 1]" },
        { "Post.objects.aggregate(v=StdDev('views'), c=Count('pk', filter=Q(views__gt=20)))", "{\"v\": 14.142135623730951, \"c\": 3}" },
        { "Author.objects.filter(Exists(Post.objects.filter(author=OuterRef('pk'), views__gt=35)) | Q(name='Bob')).order_by('pk').values_list('name', flat=True)", "[\"Bob\", \"Eve\"]" });
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
        { "Tag.objects.filter(name__startswith='b').delete()", "{\"$tuple\": [3, {\"blog.Tag\": 3}]}" },
        { "Author.objects.get(pk=1).posts.create(title='t', slug='t', views=1, price=1).author_id", "1" });
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
        { "Post.objects.filter(views__gt=Post.objects.values('views', 'title')).count()", "ValueError: The QuerySet value for the gt lookup must have 1 selected fields (received 2)" },
        { "1 +", "SyntaxError: line 1, column 4: something is missing here" },
        { "f(1", "SyntaxError: line 1, column 4: ')' is missing here" },
        { "import os", "ImportError: No module named 'os'" },
        { "x = 'abc", "SyntaxError: line 1, column 5: the text is not closed" },
        { "a $ b", "SyntaxError: line 1, column 3: this character means nothing here" },
        { "1 / 0", "ZeroDivisionError: division by zero" },
        { "def f(): pass", "SyntaxError: line 1, column 5: 'def': the shell has no definitions and no loops but `for`" },
        { "if 1: x = 1\n  y = 2", "SyntaxError: line 2, column 3: the indentation does not fit the lines above" },
        { "for x in [1]:\ny", "SyntaxError: line 2, column 1: a block is missing here: indented lines" },
        { "a, b = [1]", "ValueError: not enough values to unpack (expected 2, got 1)" },
        { "2 ** 4000 ** 2", "OverflowError: the number is too large" },
        { "{'a': 1}['b']", "KeyError: 'b'" },
        { "Post.objects.get(pk=1).nothing", "AttributeError: 'Post' object has no attribute 'nothing'. Did you mean: 'rating'?" },
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
TEST(shell, runs_statements_and_blocks)
{
    with_blog(runs_statements);
}
TEST(shell, knows_what_python_has)
{
    with_blog(knows_python);
}
TEST(shell, knows_django_s_notation)
{
    with_blog(knows_querysets);
    with_blog(agrees_on_values);
    with_blog(agrees_on_mixed_types);
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
    CHECK_STR(buf_view(&b), STR("(no rows)\n(True, Decimal('1.5'))\n"));
}
TEST(shell, prints_tables)
{
    with_blog(prints);
}

/* clang-format off */
static void refuses_arguments(Context *cx)
{
    CHECK_ALL(cx,
        { "Post.objects.annotate(v=Left('title', 0))", "ValueError: 'length' must be greater than 0." },
        { "Post.objects.annotate(v=Substr('title', 0))", "ValueError: 'pos' must be greater than 0" },
        { "Post.objects.annotate(v=Repeat('title', -1))", "ValueError: 'number' must be greater or equal to 0." },
        { "Post.objects.annotate(v=Concat('title'))", "ValueError: Concat must take at least two expressions" },
        { "Post.objects.annotate(v=Window(Ntile(0), order_by='pk'))", "ValueError: num_buckets must be greater than 0." },
        { "Post.objects.annotate(v=Window(Lag('views', 0), order_by='pk'))", "ValueError: Lag requires a positive integer for the offset." },
        { "Post.objects.annotate(v=Window(Lead(None), order_by='pk'))", "ValueError: Lead requires a non-null source expression." },
        { "Post.objects.annotate(v=Round('views', precision=-1)).values_list('v')", "ValueError: SQLite does not support negative precision." },
        { "Post.objects.aggregate(v=Max('views', distinct=True))", "TypeError: Max does not allow distinct." },
        { "Post.objects.aggregate(Count('*'))", "TypeError: Complex aggregates require an alias" },
        { "Post.objects.aggregate(Count('views', filter=Q(views__gt=1)))", "TypeError: Complex aggregates require an alias" },
        { "Post.objects.annotate(Length('title'))", "TypeError: Complex annotations require an alias" },
        { "Post.objects.aggregate(v=1, w='views')", "TypeError: QuerySet.aggregate() received non-expression(s): 1, views." },
        { "Post.objects.values(x='views')", "TypeError: QuerySet.annotate() received non-expression(s): views." },
        { "Post.objects.aggregate(v=Sum('created'))", "NotSupportedError: You cannot use Sum, Avg, StdDev, and Variance aggregations on date/time fields in sqlite3 since date/time is saved as text." },
        { "list(Post.objects.prefetch_related('tags').iterator())", "ValueError: chunk_size must be provided when using QuerySet.iterator() after prefetch_related()." },
        { "list(Post.objects.iterator(chunk_size=0))", "ValueError: Chunk size must be strictly positive." },
        { "Post.objects.distinct('pk').delete()", "TypeError: Cannot call delete() after .distinct(*fields)." },
    );
}
TEST(shell, arguments_are_refused_before_any_sql)
{
    with_blog(refuses_arguments);
}

static void names_of_columns(Context *cx)
{
    CHECK_ALL(cx,
        { "Post.objects.filter(zzzzzz=1)", "FieldError: Cannot resolve keyword 'zzzzzz' into field. Choices are: author, author_id, body, changed, created, day, id, note, price, published, rating, slug, tags, title, token, views" },
        { "Post.objects.update(zzzzzz=1)", "FieldDoesNotExist: Post has no field named 'zzzzzz'" },
        { "Post.objects.update(tags=1)", "FieldError: Cannot update model field <django.db.models.fields.related.ManyToManyField: tags> (only concrete fields are permitted)." },
        { "list(Post.objects.only('zzzzzz'))", "FieldDoesNotExist: Post has no field named 'zzzzzz'" },
        { "list(Post.objects.defer('zzzzzz'))", "FieldDoesNotExist: Post has no field named 'zzzzzz'" },
    );
}
TEST(shell, unknown_columns_are_named)
{
    with_blog(names_of_columns);
}

static void conditions_as_django(Context *cx)
{
    CHECK_ALL(cx,
        { "Post.objects.exclude(Q()).count(), Post.objects.filter(~Q()).count()", "{\"$tuple\": [5, 5]}" },
        { "Post.objects.filter(views__range=(None, 10)).count()", "0" },
        { "Post.objects.aggregate(a=Count(Q(views__gt=20)), b=Sum('published'))", "{\"a\": 5, \"b\": 4}" },
        { "Post.objects.aggregate(v=Sum(Case(When(views__gt=20, then='views'), default=0)))", "{\"v\": 120}" },
        { "Post.objects.exclude(views__gt=F('author__mentor__pk')).filter(author__mentor=None).count() == Post.objects.filter(author__mentor=None).count()", "true" },
        { "Post.objects.exclude(title=F('author__mentor__name')).filter(author__mentor=None).count()", "0" },
        { "p = Post.objects.get(pk=1)\np.tags.filter(posts=1).count() == p.tags.count()", "true" },
        { "Post.objects.filter(title__regex=r'^\\w+$').count() == Post.objects.count()", "true" },
        { "Post.objects.filter(title__regex=r'\\d').count()", "0" },
        { "Post.objects.annotate(n=Count('tags')).annotate(r=Window(Rank(), order_by=['-n', 'pk'])).order_by('r').values_list('r', flat=True)[:3]", "[1, 2, 3]" },
        { "'title' in Post.objects.values('views').values()[0]", "true" },
        { "Post.objects.annotate(v=Value(None))", "OutputFieldIsNoneError: Cannot resolve expression type, unknown output_field" },
        { "Post.objects.order_by().filter(pk=1).union(Post.objects.order_by().filter(pk=2)).update(views=1)", "NotSupportedError: Calling QuerySet.update() after union() is not supported." },
        { "Post.objects.order_by().filter(pk=1).union(Post.objects.order_by().filter(pk=2)).delete()", "NotSupportedError: Calling QuerySet.delete() after union() is not supported." },
        { "Tag() == Tag(), repr(Tag())", "{\"$tuple\": [false, \"<Tag: Tag object (None)>\"]}" },
        { "t = Tag()\nt == t", "true" },
    );
}
TEST(shell, conditions_mean_what_they_mean_in_django)
{
    with_blog(conditions_as_django);
}
/* clang-format on */

/* clang-format off */
static void knows_models(Context *cx)
{
    CHECK_ALL(cx,
        { "Post._meta.label, Post._meta.db_table, Post._meta.pk.name, Post._meta.ordering, Post._meta.verbose_name_plural", "{\"$tuple\": [\"blog.Post\", \"blog_post\", \"id\", [\"-created\", \"title\"], \"posts\"]}" },
        { "[f.name for f in Tag._meta.fields], Post._meta.get_field('author').column, Post._meta.get_field('slug').unique", "{\"$tuple\": [[\"id\", \"name\"], \"author_id\", true]}" },
        { "Post._meta.get_field('nope')", "FieldDoesNotExist: Post has no field named 'nope'" },
        { "Tag()._state.adding, Tag()._state.db, Post.objects.get(pk=1)._state.adding, Post.objects.get(pk=1)._state.db", "{\"$tuple\": [true, null, false, \"default\"]}" },
        { "Post.Rating.choices, Post.Rating.values, Post.Rating.labels", "{\"$tuple\": [[{\"$tuple\": [1, \"poor\"]}, {\"$tuple\": [5, \"splendid\"]}], [1, 5], [\"poor\", \"splendid\"]]}" },
        { "Post.Rating.SPLENDID, Post.Rating.POOR.label, Post.Rating.POOR == 1, Post.objects.filter(rating=Post.Rating.SPLENDID).count()", "{\"$tuple\": [5, \"poor\", true, 1]}" },
        { "Post(rating=9).get_rating_display()", "9" },
        { "t = Tag.objects.create(name='gone')\nt.delete()\n(t.pk, t.id)", "{\"$tuple\": [null, null]}" },
        { "t = Tag.objects.create(name='twin')\nt.pk = None; t._state.adding = True\nt.save()\nTag.objects.filter(name='twin').count()", "2" },
        { "Tag.objects.create(name=None)", "IntegrityError: NOT NULL constraint failed: blog_tag.name" },
        { "Post.objects.create(title='t')", "IntegrityError: NOT NULL constraint failed: blog_post.views" },
        { "p = Post.objects.get(pk=1)\np.views = None\np.save()", "IntegrityError: NOT NULL constraint failed: blog_post.views" },
        { "p.views = 3\np.save()\nPost.objects.get(pk=1).views", "3" },
        { "Tag(1, id=2)", "TypeError: Tag() got both positional and keyword arguments for field 'id'." },
        { "Post.objects.get(pk=1).tags = []", "TypeError: Direct assignment to the forward side of a many-to-many set is prohibited. Use tags.set() instead." },
        { "a = Author.objects.get(pk=1)\na.posts = []", "TypeError: Direct assignment to the reverse side of a related set is prohibited. Use posts.set() instead." },
        { "a.posts.remove(a.posts.first())", "AttributeError: 'RelatedManager' object has no attribute 'remove'" },
        { "a.posts.add(1)", "TypeError: 'Post' instance expected, got 1" },
        { "a.author_set.remove(Author.objects.get(pk=3))", "DoesNotExist: <Author: Author object (3)> is not related to <Author: Author object (1)>." },
        { "a.posts.add(Post(title='late', slug='late', views=1, price=1), bulk=False)\na.posts.filter(slug='late').count()", "1" },
        { "Author.objects.update_or_create(pk=1, defaults={'name': Concat('name', Value('!'))})[1], Author.objects.get(pk=1).name", "{\"$tuple\": [false, \"Ada!\"]}" },
        { "Post.objects.delete()", "AttributeError: 'Manager' object has no attribute 'delete'" },
        { "Tag().posts.all()", "ValueError: \"<Tag: Tag object (None)>\" needs to have a value for field \"id\" before this many-to-many relationship can be used." },
        { "Post().author", "RelatedObjectDoesNotExist: Post has no author." });
}
TEST(shell, models_have_options_states_and_choices)
{
    sqlite_only();
    with_blog(knows_models);
}

static void notes_expressions(Context *cx)
{
    CHECK_ALL(cx,
        { "repr(Q(a=1) | Q(b=2)), str(~Q(a=1, b='x')), bool(Q()), Q(a=1) == Q(a=1), Q(a=1) == Q(a=2)", "{\"$tuple\": [\"<Q: (OR: ('a', 1), ('b', 2))>\", \"(NOT (AND: ('a', 1), ('b', 'x')))\", false, true, false]}" },
        { "repr(F('x')), repr(F('x') + 1)", "{\"$tuple\": [\"F(x)\", \"<CombinedExpression: F(x) + Value(1)>\"]}" },
        { "'b%d' % 3, '%s and %r' % ('a', 'b'), '%(n)s%%' % {'n': 5}, '%5.2f|%-3d|' % (1.5, 2)", "{\"$tuple\": [\"b3\", \"a and 'b'\", \"5%\", \" 1.50|2  |\"]}" },
        { "'%d' % 'x'", "TypeError: %d format: a real number is required, not str" },
        { "'%d' % 1e300", "ValueError: %d format: the number is too large, or none" },
        { "'%s' % (1, 2)", "TypeError: not all arguments converted during string formatting" },
        { "Post.objects.annotate(v=Func('views', template='%(function)s(%(expressions)s) + 1', function='ABS')).order_by('pk').values_list('v', flat=True)[:2]", "[11, 21]" },
        { "Post.objects.annotate(v=Func('slug', Value('x'), function='', arg_joiner=' || ')).get(pk=1).v", "\"firstx\"" },
        { "Post.objects.annotate(v=ConcatPair('slug', Value('x'))).get(pk=1).v", "\"firstx\"" },
        { "Author.objects.filter(Exists(Post.objects.filter(author=OuterRef('pk')).filter(Exists(Author.objects.filter(pk=OuterRef(OuterRef('pk'))))))).count()", "3" },
        { "Post.objects.extra(where=['views > %s'], params=[30]).count(), Post.objects.extra(select={'d': 'views * %s'}, select_params=[3], order_by=['-d']).values_list('d', flat=True)[:2]", "{\"$tuple\": [2, [150, 120]]}" },
        { "Author.objects.raw('SELECT id, email AS e FROM blog_author WHERE id = %(i)s', {'i': 1}, translations={'e': 'name'})[0].name", "\"ada@example.org\"" },
        { "Post.objects.values_list('pk', 'pk').order_by('pk')[0], Post.objects.values_list('pk', Length('slug'), named=True).order_by('pk')[0].length1", "{\"$tuple\": [{\"$tuple\": [1, 1]}, 5]}" },
        { "(Post.objects.order_by('pk')[:2] | Post.objects.filter(views__gt=40)).count()", "3" },
        { "Post.objects.annotate(e=Exists(Tag.objects.none())).filter(e=False).count(), Post.objects.order_by(ExpressionWrapper(~Q(pk__in=[]), output_field=BooleanField()), 'pk').count()", "{\"$tuple\": [5, 5]}" },
        { "Post.objects.values('author__nope')", "FieldError: Cannot resolve keyword 'nope' into field. Choices are: author, country, country_id, email, id, mentor, mentor_id, name, posts. Did you mean 'name'?" },
        { "Post.objects.order_by('title__nope')[0]", "FieldError: Cannot resolve keyword 'nope' into field. Join on 'title' not permitted." },
        { "Post.objects.filter(author='x')", "ValueError: Field 'id' expected a number but got 'x'." },
        { "Post.objects.filter(token__icontains=str(Post.objects.get(pk=1).token)[5:15].upper()).count()", "1" },
        { "Post.objects.annotate(v=StringAgg('slug', Value(','), order_by='slug')).count(), list(Author.objects.annotate(v=StringAgg('posts__slug', Value(','), order_by='posts__slug')))", "NotSupportedError: This database backend does not support specifying an order on aggregates." },
        { "p = Author.objects.prefetch_related('posts').get(pk=1)\n[p.posts.all()[0].author is p, p.posts.all()[99:]]", "[true, []]" },
        { "Author.objects.prefetch_related(Prefetch('posts', Post.objects.none(), to_attr='found')).first().found", "[]" },
        { "done = []\ntransaction.on_commit(lambda: done.append(1))\ndone", "[1]" },
        { "Post.objects.annotate(x=Count('*', filter=Q(views=1)))", "ValueError: Star cannot be used with filter. Please specify a field." });
}
TEST(shell, expressions_as_django_notes_them)
{
    sqlite_only();
    with_blog(notes_expressions);
}
/* clang-format on */

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
    CHECK_STR(completed("Aut"), STR("Author"));
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

static void values_that_do_not_fit(Context *cx)
{
    CHECK_ALL(cx, { "p = Post.objects.get(slug='first')\np.views = F('views') + 5\np.save()\np.views", "15" },
              { "Post.objects.get(slug='first').views", "15" }, { "p.views = 'abc'\np.views", "\"abc\"" },
              { "p.full_clean()", "ValidationError: {'views': ['“abc” value must be an integer.'], 'day': ['This field "
                                  "cannot be blank.'], 'note': ['This field cannot be blank.']}" },
              { "p.save()", "ValueError: Field 'views' expected a number but got 'abc'." },
              { "p.views = 3\np.price = 'x'\np.full_clean(exclude=['day', 'note'])",
                "ValidationError: {'price': ['“x” value must be a decimal number.']}" },
              { "p.price = '2.50'\np.save()\nPost.objects.filter(slug='first').values_list('views', 'price')[0]",
                "{\"$tuple\": [3, {\"$decimal\": \"2.50\"}]}" },
              { "a = Author.objects.get(name='Ada')\na.posts.add(1)", "TypeError: 'Post' instance expected, got 1" },
              { "a.posts.clear()", "AttributeError: 'RelatedManager' object has no attribute 'clear'" },
              { "a.posts.set([Post.objects.get(slug='third')])\na.posts.count()", "3" });
}
TEST(shell, values_that_do_not_fit_and_managers_without_null)
{
    with_blog(values_that_do_not_fit);
}
