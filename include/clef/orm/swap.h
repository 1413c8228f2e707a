/*
 * swap.h: models that a project may replace by its own: Django's Meta.swappable.
 *
 *     const Model User_model = { MODEL(User), .swappable = "AUTH_USER_MODEL", FIELDS(...) };      of a library
 *     s->auth_user_model = STR("shop.Customer");                                                  of a project
 *     s->swapped_models = STRS("PAGES_ARTICLE_MODEL=shop.Article");                               any other setting
 *
 * A model whose setting names another one is swapped out: it has no table, its rows are neither read nor written
 * ("attribute_error", Django's sentence), nothing leads back from it, and a relation that leads to it is an error
 * (fields.E301), since a relation knows the struct that it leads to. A setting that is not set, or names the model
 * itself, leaves the model in place.
 * https://docs.djangoproject.com/en/6.0/topics/auth/customizing/#substituting-a-custom-user-model
 */
#ifndef CLEF_ORM_SWAP_H
#define CLEF_ORM_SWAP_H

#include <clef/conf/settings.h>
#include <clef/orm/model.h>

/*
 * What the settings say, before apps_populate: AUTH_USER_MODEL, and pairs "NAME=app.Model". Kept by reference until the
 * next call; databases_start makes it. No text and no pairs: no setting names a model.
 */
CLEF_API(void, swaps_install, Str auth_user_model, StrList swapped_models);
/* What a setting of this name says: "shop.Customer"; the NULL string: nothing. */
CLEF_API(Str, swap_setting, Str name);
/* The populated model that a setting names, as Django's get_user_model(); NULL. */
CLEF_API(const Model *, swap_model, Str setting);
/* "shop.Customer" for a model that is swapped out; the NULL string for any other. */
CLEF_API(Str, model_swapped, const Model *m);

#endif
