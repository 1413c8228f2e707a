/*
 * templates.c: the templates of forms and widgets, under Django's names and with Django's names in their contexts, so that
 * a project can put its own in their place.
 */
#include "forms/forms.h"

#define ATTRS_OF(map)                                                                                           \
    "{% for name, value in " map ".items %}{% if value is not False %} {{ name }}{% if value is not True %}=\"" \
    "{{ value|stringformat:'s' }}\"{% endif %}{% endif %}{% endfor %}"
#define WIDGET_ATTRS "{% include 'django/forms/widgets/attrs.html' %}"
#define LABEL        "{% if field.label %}{{ field.label_tag }}{% endif %}"
#define CLASSES      "{% with classes=field.css_classes %}{% if classes %} class=\"{{ classes }}\"{% endif %}{% endwith %}"
#define HELP_ID      "{% if field.auto_id %} id=\"{{ field.auto_id }}_helptext\"{% endif %}"
#define HELP(tag) \
    "{% if field.help_text %}<" tag " class=\"helptext\"" HELP_ID ">{{ field.help_text|safe }}</" tag ">{% endif %}"
#define HIDDEN      "{% for field in hidden_fields %}{{ field }}{% endfor %}"
#define LAST_HIDDEN "{% if forloop.last %}" HIDDEN "{% endif %}"
#define ONLY_HIDDEN "{% if not fields and not errors %}" HIDDEN "{% endif %}"
#define PLAIN_INPUT "{% include 'django/forms/widgets/input.html' %}"
#define PARTS       "{% for widget in widget.subwidgets %}{% include widget.template_name %}{% endfor %}"
#define CHECKS                                                                                                    \
    "{% with id=widget.attrs.id %}<div{% if id %} id=\"{{ id }}\"{% endif %}{% if widget.attrs.class %} class=\"" \
    "{{ widget.attrs.class }}\"{% endif %}>{% for group, options, index in widget.optgroups %}{% if group "       \
    "%}<div><label>"                                                                                              \
    "{{ group }}</label>{% endif %}{% for option in options %}<div>\n{% include option.template_name with "       \
    "widget=option %}"                                                                                            \
    "\n</div>{% endfor %}{% if group %}\n</div>{% endif %}{% endfor %}\n</div>{% endwith %}"
#define CHECK                                                                                                     \
    "{% if widget.wrap_label %}<label{% if widget.attrs.id %} for=\"{{ widget.attrs.id }}\"{% endif %}>{% endif " \
    "%}" PLAIN_INPUT "{% if widget.wrap_label %}\n {{ widget.label }}</label>{% endif %}"
#define EACH_FORM(how)     "{{ formset.management_form }}{% for form in formset %}{{ form." how " }}{% endfor %}"
#define WIDGET_NAMED(name) STR("django/forms/widgets/" name ".html")

static const TemplateSource templates[] = {
    { STR("django/forms/attrs.html"), STR(ATTRS_OF("attrs")) },
    { STR("django/forms/label.html"), STR("{% if use_tag %}<{{ tag }}{% include 'django/forms/attrs.html' %}>{{ label "
                                          "}}</{{ tag }}>{% else %}{{ label }}"
                                          "{% endif %}") },
    { STR("django/forms/field.html"),
      STR("{% if field.use_fieldset %}<fieldset{% if field.aria_describedby %} aria-describedby=\"{{ "
          "field.aria_describedby }}\"{% endif %}>"
          "{% if field.label %}{{ field.legend_tag }}{% endif %}{% else %}" LABEL "{% endif %}\n" HELP(
              "div") "\n{{ field.errors }}\n{{ field }}{% if field.use_fieldset %}\n</fieldset>{% endif %}") },
    { STR("django/forms/div.html"),
      STR("{{ errors }}\n{% if errors and not fields %}<div>" HIDDEN "</div>\n{% endif %}"
          "{% for field, errors in fields %}<div" CLASSES ">\n{{ field.as_field_group }}\n" LAST_HIDDEN
          "\n</div>\n{% endfor %}" ONLY_HIDDEN) },
    { STR("django/forms/p.html"),
      STR("{{ errors }}\n{% if errors and not fields %}<p>" HIDDEN "</p>\n{% endif %}"
          "{% for field, errors in fields %}{{ errors }}\n<p" CLASSES ">\n" LABEL
          "\n{{ field }}\n" HELP("span") "\n" LAST_HIDDEN "\n</p>\n{% endfor %}" ONLY_HIDDEN) },
    { STR("django/forms/table.html"),
      STR("{% if errors %}<tr>\n<td colspan=\"2\">\n{{ errors }}\n{% if not fields %}" HIDDEN
          "{% endif %}\n</td>\n</tr>\n{% endif %}"
          "{% for field, errors in fields %}<tr" CLASSES ">\n<th>" LABEL
          "</th>\n<td>\n{{ errors }}\n{{ field }}\n{% if field.help_text %}<br>"
          "{% endif %}" HELP("span") "\n" LAST_HIDDEN "\n</td>\n</tr>\n{% endfor %}" ONLY_HIDDEN) },
    { STR("django/forms/ul.html"),
      STR("{% if errors %}<li>\n{{ errors }}\n{% if not fields %}" HIDDEN "{% endif %}\n</li>\n{% endif %}"
          "{% for field, errors in fields %}<li" CLASSES ">\n{{ errors }}\n" LABEL
          "\n{{ field }}\n" HELP("span") "\n" LAST_HIDDEN "\n</li>\n{% endfor %}" ONLY_HIDDEN) },
    { STR("django/forms/errors/list/ul.html"),
      STR("{% if errors %}<ul class=\"{{ error_class }}\"{% if field_id %} id=\"{{ field_id }}_error\"{% endif %}>"
          "{% for error in errors %}<li>{{ error }}</li>{% endfor %}</ul>{% endif %}") },
    { STR("django/forms/errors/dict/ul.html"), STR("{% if errors %}<ul class=\"{{ error_class }}\">{% for field, error "
                                                   "in errors %}<li>{{ field }}{{ error }}</li>"
                                                   "{% endfor %}</ul>{% endif %}") },
    { STR("django/forms/formsets/div.html"), STR(EACH_FORM("as_div")) },
    { STR("django/forms/formsets/p.html"), STR(EACH_FORM("as_p")) },
    { STR("django/forms/formsets/table.html"), STR(EACH_FORM("as_table")) },
    { STR("django/forms/formsets/ul.html"), STR(EACH_FORM("as_ul")) },
    { WIDGET_NAMED("attrs"), STR(ATTRS_OF("widget.attrs")) },
    { WIDGET_NAMED("input"),
      STR("<input type=\"{{ widget.type }}\" name=\"{{ widget.name }}\"{% if widget.value != None %} value=\""
          "{{ widget.value|stringformat:'s' }}\"{% endif %}" WIDGET_ATTRS ">") },
    { WIDGET_NAMED("text"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("number"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("email"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("url"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("color"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("search"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("tel"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("password"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("hidden"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("date"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("datetime"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("time"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("checkbox"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("file"), STR(PLAIN_INPUT) },
    { WIDGET_NAMED("clearable_file_input"),
      STR("{% if widget.is_initial %}{{ widget.initial_text }}: <a href=\"{{ widget.value.url }}\">{{ widget.value "
          "}}</a>"
          "{% if not widget.required %}\n<input type=\"checkbox\" name=\"{{ widget.checkbox_name }}\" id=\"{{ "
          "widget.checkbox_id }}\""
          "{% if widget.attrs.disabled %} disabled{% endif %}{% if widget.attrs.checked %} checked{% endif %}>\n<label "
          "for=\""
          "{{ widget.checkbox_id }}\">{{ widget.clear_checkbox_label }}</label>{% endif %}<br>\n{{ widget.input_text "
          "}}:{% endif %}"
          "\n<input type=\"{{ widget.type }}\" name=\"{{ widget.name }}\"" WIDGET_ATTRS ">") },
    { WIDGET_NAMED("textarea"), STR("<textarea name=\"{{ widget.name }}\"" WIDGET_ATTRS
                                    ">\n{% if widget.value %}{{ widget.value }}{% endif %}</textarea>") },
    { WIDGET_NAMED("select"),
      STR("<select name=\"{{ widget.name }}\"" WIDGET_ATTRS
          ">{% for group_name, group_choices, group_index in widget.optgroups %}"
          "{% if group_name %}\n<optgroup label=\"{{ group_name }}\">{% endif %}{% for option in group_choices %}\n"
          "{% include option.template_name with widget=option %}{% endfor %}{% if group_name %}\n</optgroup>{% endif %}"
          "{% endfor %}\n</select>") },
    { WIDGET_NAMED("select_option"),
      STR("<option value=\"{{ widget.value|stringformat:'s' }}\"" WIDGET_ATTRS ">{{ widget.label }}</option>") },
    { WIDGET_NAMED("radio"), STR(CHECKS) },
    { WIDGET_NAMED("checkbox_select"), STR(CHECKS) },
    { WIDGET_NAMED("radio_option"), STR(CHECK) },
    { WIDGET_NAMED("checkbox_option"), STR(CHECK) },
    { WIDGET_NAMED("multiwidget"), STR(PARTS) },
    { WIDGET_NAMED("multiple_hidden"), STR(PARTS) },
    { WIDGET_NAMED("splitdatetime"), STR(PARTS) },
    { WIDGET_NAMED("splithiddendatetime"), STR(PARTS) },
    { WIDGET_NAMED("select_date"), STR(PARTS) },
};
const TemplateSource *const form_templates = templates;
const size_t nform_templates = CLEF_COUNT(templates);
