#include "../orm/blog.h"
#include <clef/forms.h>

static const FormClass PostForm_form = {
    MODEL_FORM(Post, title, slug, author, body, views, rating, published, price, day),
    MODEL_FORM_FIELDS(Post, CharField(body, .optional = true, .widget = Textarea(.attrs = ATTRS("class", "wide")))),
};

static const QueryDict *data(const char *text) { return query_parse(test_arena(), str_c(text), NULL); }

static void create(Context *cx)
{
    fill_blog(cx);
    Author *ada = GET_ROW(OBJECTS(cx, Author), Author, Q(Author, name, EQ, "Ada"));
    Str text = str_format(test_arena(),
                          "title=New&slug=new&author=%lld&views=7&rating=5&published=on&price=1.50&day=2026-01-15",
                          (long long)ada->id);
    Form *form = FORM(cx, PostForm, .data = query_parse(test_arena(), text, NULL));
    CHECK(form_is_valid(form));
    CHECK_STR(form_errors_text(form), STR(""));
    Post *post = SAVE_FORM(form, Post);
    CHECK(post->id != 0);
    post = GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "new"));
    CHECK_STR(post->title, STR("New"));
    CHECK_EQ(post->author_id, ada->id);
    CHECK_EQ(post->views, 7);
    CHECK(post->rating.set && post->rating.value == 5);
    CHECK(post->published && post->day.set);
    CHECK_STR(decimal_str(test_arena(), post->price), STR("1.50"));
}
TEST(model_form, creates_a_row)
{
    with_blog(create);
}

static void edit(Context *cx)
{
    fill_blog(cx);
    Post *post = GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "first"));
    Form *form = FORM(cx, PostForm, .instance = post);
    Str html = form_as_p(form).s;
    CHECK_STR_CONTAINS(
        html, STR("<input type=\"text\" name=\"title\" value=\"First\" maxlength=\"200\" required id=\"id_title\">"));
    CHECK_STR_CONTAINS(html, STR("<textarea name=\"body\" cols=\"40\" rows=\"10\" class=\"wide\" id=\"id_body\">"));
    CHECK_STR_CONTAINS(html, STR("<option value=\"5\" selected>splendid</option>"));
    CHECK_STR_CONTAINS(html, str_format(test_arena(), "<option value=\"%lld\" selected>", (long long)post->author_id));
    CHECK_STR_CONTAINS(html, STR("<input type=\"number\" name=\"views\" value=\"10\" min=\"0\""));
    Str text = str_format(test_arena(),
                          "title=Changed&slug=first&author=%lld&views=11&price=0&published=&rating=1&day=2026-01-15",
                          (long long)post->author_id);
    form = FORM(cx, PostForm, .instance = post, .data = query_parse(test_arena(), text, NULL));
    CHECK(form_is_valid(form));
    form_save(form);
    CHECK_EQ(COUNT(OBJECTS(cx, Post)), 5u);
    post = GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "first"));
    CHECK_STR(post->title, STR("Changed"));
    CHECK(post->rating.value == 1 && !post->published);
}
TEST(model_form, changes_a_row)
{
    with_blog(edit);
}

static void save_wrong(Context *cx) { form_save(FORM(cx, PostForm, .data = data("title="))); }

static void refuse(Context *cx)
{
    fill_blog(cx);
    Form *form =
        FORM(cx, PostForm, .data = data("title=&slug=first&author=999&views=-1&rating=3&price=x&day=2026-01-15"));
    CHECK(!form_is_valid(form));
    CHECK_STR(
        form_errors_text(form),
        STR("* title\n  * This field is required.\n* author\n  * Select a valid choice. That choice is not one of the "
            "available choices.\n* views\n  * Ensure this value is greater than or equal to 0.\n* rating\n  * Select a "
            "valid "
            "choice. 3 is not one of the available choices.\n* price\n  * Enter a number.\n* slug\n  * Post with this "
            "Slug "
            "already exists."));
    const Error *e = raised(cx, save_wrong);
    CHECK_STR(str_c(e->code), STR("form_not_valid"));
    CHECK_STR(e->message, STR("The Post could not be created because the data didn't validate."));
}
TEST(model_form, refuses_what_the_model_refuses)
{
    with_blog(refuse);
}

typedef struct PickAuthor {
    Author *author;
    List *others;
} PickAuthor;
static const FormClass PickAuthor_form = {
    FORM_FIELDS(PickAuthor, ModelChoiceField(author, Author, .empty_label = "Nobody"),
                ModelMultipleChoiceField(others, Author, .optional = true)),
};

static void pick(Context *cx)
{
    fill_blog(cx);
    Author *bob = GET_ROW(OBJECTS(cx, Author), Author, Q(Author, name, EQ, "Bob"));
    Str text = str_format(test_arena(), "author=%lld&others=%lld&others=1", (long long)bob->id, (long long)bob->id);
    Form *form = FORM(cx, PickAuthor, .data = query_parse(test_arena(), text, NULL));
    REQUIRE(form_is_valid(form));
    CHECK_STR(CLEANED(form, PickAuthor)->author->name, STR("Bob"));
    CHECK_EQ(CLEANED(form, PickAuthor)->others->n, 2u);
    CHECK_STR_CONTAINS(bound_field_html(form_field(form, "author")).s, STR("<option value=\"\">Nobody</option>"));
    form = FORM(cx, PickAuthor, .data = data("author=nobody&others=1&others=77"));
    CHECK_STR(form_errors_text(form), STR("* author\n  * Select a valid choice. That choice is not one of the "
                                          "available choices.\n* others\n  * Select a "
                                          "valid choice. 77 is not one of the available choices."));
}
TEST(model_form, choices_of_rows)
{
    with_blog(pick);
}
