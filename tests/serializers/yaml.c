/* yaml.c: what plain scalars of YAML 1.1 are. */
#include "serializers/fixture_text.h"
#include <clef/test.h>

TEST(serializers, plain_scalars_of_yaml)
{
    static const struct {
        const char *text;
        YamlType type;
    } cases[] = {
        { "", YAML_IS_NULL },
        { "~", YAML_IS_NULL },
        { "null", YAML_IS_NULL },
        { "nULL", YAML_IS_TEXT },
        { "yes", YAML_IS_BOOL },
        { "Off", YAML_IS_BOOL },
        { "y", YAML_IS_TEXT },
        { "1", YAML_IS_INT },
        { "-12_000", YAML_IS_INT },
        { "0", YAML_IS_INT },
        { "017", YAML_IS_INT },
        { "09", YAML_IS_TEXT },
        { "0x1F", YAML_IS_INT },
        { "0b101", YAML_IS_INT },
        { "1:30", YAML_IS_INT },
        { "10:20:30", YAML_IS_INT },
        { "10:20:30.5", YAML_IS_FLOAT },
        { "1.5", YAML_IS_FLOAT },
        { "1.", YAML_IS_FLOAT },
        { ".5", YAML_IS_FLOAT },
        { "1e5", YAML_IS_TEXT },
        { "1.0e+5", YAML_IS_FLOAT },
        { "1.0e5", YAML_IS_TEXT },
        { "-.inf", YAML_IS_FLOAT },
        { ".NaN", YAML_IS_FLOAT },
        { "-", YAML_IS_TEXT },
        { ".", YAML_IS_TEXT },
        { "2024-01-31", YAML_IS_OTHER },
        { "2024-1-3", YAML_IS_TEXT },
        { "2024-01-31 10:20:30+00:00", YAML_IS_OTHER },
        { "2024-01-31 is a day", YAML_IS_TEXT },
        { "<<", YAML_IS_OTHER },
        { "=", YAML_IS_OTHER },
        { "hello", YAML_IS_TEXT },
        { "1 00:00:01", YAML_IS_TEXT },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        if (yaml_type(str_c(cases[i].text)) != cases[i].type)
            CHECK_STR(str_c(cases[i].text), STR("of another type"));
}
