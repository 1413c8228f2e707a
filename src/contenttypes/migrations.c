/* migrations.c: the table's history, which is Django's: what one applied, the other finds in django_migrations. */
#include "contenttypes/contenttypes.h"

/* clang-format off */
const Migration contenttypes_0001 = {
    .app = "contenttypes", .name = "0001_initial", .initial = true,
    OPERATIONS(
        CreateModel("ContentType",
            COLUMNS(
                AutoField(id, .primary_key = true, .auto_created = true, .verbose_name = "ID"),
                CharField(name, .max_length = 100),
                CharField(app_label, .max_length = 100),
                CharField(model, .max_length = 100, .verbose_name = "python model class name")),
            .ordering = ORDER("name"), .db_table = "django_content_type", .verbose_name = "content type",
            .verbose_name_plural = "content types"),
        AlterUniqueTogether("ContentType", ORDER("app_label", "model"))),
};

/* On the way back the column is filled with what it was made of: the model's name for people. */
static void names_again(Context *cx, const ProjectState *apps, Str alias)
{
    const Model *m = state_model(cx, apps, "contenttypes", "ContentType");
    const Field *name = model_field(m, STR("name")), *label = model_field(m, STR("app_label"));
    const Field *model = model_field(m, STR("model"));
    QuerySet *all = queryset_using(queryset_of(cx, m), alias);
    for (size_t i = 0, n = queryset_length(all); i < n; i++) {
        void *row = queryset_at(all, m, i);
        Value of = field_get(cx->arena, model, row);
        const Model *found = model_find(field_get(cx->arena, label, row).s, of.s);
        if (field_set(cx->arena, name, row, found ? value_str(str_c(found->name)) : of))
            model_save(cx, m, row, &(SaveOptions){ .using = alias });
    }
}

const Migration contenttypes_0002 = {
    .app = "contenttypes", .name = "0002_remove_content_type_name",
    .dependencies = DEPENDS({ "contenttypes", "0001_initial" }),
    OPERATIONS(
        AlterModelOptions("ContentType", .verbose_name = "content type", .verbose_name_plural = "content types"),
        AlterField("ContentType", CharField(name, .max_length = 100, .null = true)),
        RunFunction(migration_nothing, names_again),
        RemoveField("ContentType", "name")),
};
/* clang-format on */
