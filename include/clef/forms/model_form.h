/*
 * model_form.h: forms made of a model's fields. The struct that takes the cleaned values is the row itself.
 *
 *     const FormClass PostForm_form = {
 *         MODEL_FORM(Post, title, slug, body),
 *         .clean = check_post,
 *     };
 *
 *     Response *edit_post(Request *r)
 *     {
 *         Post *post = GET_OR_404(OBJECTS(r, Post), Post, Q(Post, id, EQ, url_int(r, "pk")));
 *         Form *form = FORM(r, PostForm, .instance = post);
 *         if (form_is_valid(form)) {
 *             form_save(form);
 *             return HttpResponseRedirect(r, "/posts/");
 *         }
 *         return RENDER(r, "blog/post_form.html", "form", form, "post", post);
 *     }
 *
 * Without .instance the form makes a new row. Rules come from the model: max_length, choices, blank, unique. To change
 * how a field looks, name it again in FORM_FIELDS:
 *
 *         MODEL_FORM(Post, title, body), MODEL_FORM_FIELDS(Post, CharField(body, .widget = Textarea())),
 *
 * Django's page: "Creating forms from models".
 */
#ifndef CLEF_FORMS_MODEL_FORM_H
#define CLEF_FORMS_MODEL_FORM_H

#include <clef/forms/form.h>
#include <clef/orm/row.h>

#define MODEL_FORM(T, ...) \
    .name = #T "Form", .size = sizeof(T), .model = &T##_model, .model_fields = REFS(T, __VA_ARGS__)
#define MODEL_FORM_FIELDS(T, ...)                                                \
    .fields = (const FormField[]){ CLEF_EACH(CLEF_FORM_FIELD, T, __VA_ARGS__) }, \
    .nfields = sizeof((const char[]){ CLEF_EACH(CLEF_FIELD_COUNTED, T, __VA_ARGS__) })

/* The row: the instance with the cleaned values in place (once the form is valid). */
CLEF_API(void *, form_instance, Form *form) CLEF_NONNULL;
#define INSTANCE(form, T) ((T *)form_instance(form))
/* Saves the row and returns it. Raises 500 "form_not_valid" for a form with errors. */
CLEF_API(void *, form_save, Form *form) CLEF_NONNULL;
#define SAVE_FORM(form, T) ((T *)form_save(form))

#endif
