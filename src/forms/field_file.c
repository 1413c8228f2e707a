/* field_file.c: fields of uploads. */
#include "forms/forms.h"
#include <fcntl.h>
#include <unistd.h>

static Str file_str(Arena *a, const void *self)
{
    (void)a;
    return ((const UploadedFile *)self)->name;
}

static bool file_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    const UploadedFile *file = self;
    if (!value_is_text(key))
        return false;
    if (str_eq(key.s, STR("name")))
        *out = value_str(file->name);
    else if (str_eq(key.s, STR("size")))
        *out = value_int((int64_t)file->size);
    else if (str_eq(key.s, STR("content_type")))
        *out = value_str(file->content_type);
    else
        return false;
    return true;
}

const ValueClass uploaded_file_class = { .name = "UploadedFile", .str = file_str, .item = file_item };
const ValueClass file_contradiction_class = { .name = "FILE_INPUT_CONTRADICTION" };

static const UploadedFile *file_of(Value v)
{
    return v.tag == VALUE_OBJECT && v.cls == &uploaded_file_class ? v.object : NULL;
}

static bool file_to_python(FieldRun *run, Value in, Value *out)
{
    *out = value_null();
    if (field_value_empty(in))
        return true;
    const UploadedFile *file = file_of(in);
    const char *invalid = "No file was submitted. Check the encoding type on the form.";
    if (!file)
        return field_fail(run, "invalid", invalid, NULL);
    int64_t length = 0, most = run->f->max_length;
    size_t n;
    if (value_length(value_str(file->name), &n))
        length = (int64_t)n;
    if (most > 0 && length > most) {
        Map *m = map_new(run->arena);
        map_set(m, STR("max"), value_int(most));
        map_set(m, STR("length"), value_int(length));
        return field_fail(run, "max_length",
                          most == 1 ? "Ensure this filename has at most %(max)d character (it has %(length)d)."
                                    : "Ensure this filename has at most %(max)d characters (it has %(length)d).",
                          m);
    }
    if (!file->name.n)
        return field_fail(run, "invalid", invalid, NULL);
    if (!run->f->allow_empty_file && !file->size)
        return field_fail(run, "empty", "The submitted file is empty.", NULL);
    if (run->f->max_size && file->size > run->f->max_size) {
        Map *m = map_new(run->arena);
        map_set(m, STR("max"), value_int((int64_t)run->f->max_size));
        map_set(m, STR("size"), value_int((int64_t)file->size));
        return field_fail(run, "max_size", "Ensure this file has at most %(max)d bytes (it has %(size)d).", m);
    }
    *out = in;
    return true;
}

static bool file_clean(FieldRun *run, Value in, Value initial, Value *out)
{
    if (in.tag == VALUE_OBJECT && in.cls == &file_contradiction_class)
        return field_fail(run, "contradiction", "Please either submit a file or check the clear checkbox, not both.",
                          NULL);
    if (in.tag == VALUE_BOOL && !in.b) {
        if (!run->required) {
            *out = in;
            return true;
        }
        in = value_null();
    }
    if (field_value_empty(in) && value_truth(initial)) {
        *out = initial;
        return true;
    }
    if (!run->cls->to_python(run, in, out))
        return false;
    if (run->required && field_value_empty(*out))
        return field_fail(run, "required", "This field is required.", NULL);
    if (!field_value_empty(*out) && run->cls->validators)
        run->cls->validators(run, *out);
    else if (!field_value_empty(*out))
        run_own_validators(run, *out);
    return run->errors.n == 0;
}

static bool file_has_changed(FieldRun *run, Value initial, Value data)
{
    (void)run, (void)initial;
    return !value_is_null(data);
}

static Value file_bound(FieldRun *run, Value data, Value initial)
{
    (void)run;
    bool contradiction = data.tag == VALUE_OBJECT && data.cls == &file_contradiction_class;
    return value_is_null(data) || contradiction ? initial : data;
}

/* --- images: by their first bytes */

static bool looks_like_image(Str head)
{
    static const Str marks[] = { STR("\x89PNG\r\n\x1a\n"),
                                 STR("\xff\xd8\xff"),
                                 STR("GIF87a"),
                                 STR("GIF89a"),
                                 STR("BM"),
                                 STR("II*\0"),
                                 STR("MM\0*"),
                                 STR("\0\0\1\0") };
    for (size_t i = 0; i < CLEF_COUNT(marks); i++)
        if (str_starts(head, marks[i]))
            return true;
    if (head.n < 12)
        return false;
    bool webp = str_starts(head, STR("RIFF")) && str_eq(str_slice(head, 8, 12), STR("WEBP"));
    bool avif = str_eq(str_slice(head, 4, 8), STR("ftyp")) && str_starts(str_from_byte(head, 8), STR("avi"));
    return webp || avif;
}

static Str first_bytes(const UploadedFile *file, char room[static 16])
{
    if (!str_is_null(file->content))
        return str_slice(file->content, 0, 16);
    int fd = open(str_is_null(file->temporary_path) ? "" : file->temporary_path.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return STR("");
    ssize_t n = read(fd, room, 16);
    close(fd);
    return (Str){ room, n > 0 ? (size_t)n : 0 };
}

static bool image_to_python(FieldRun *run, Value in, Value *out)
{
    if (!file_to_python(run, in, out))
        return false;
    const UploadedFile *file = file_of(*out);
    char room[16];
    if (file && !looks_like_image(first_bytes(file, room)))
        return field_fail(run, "invalid_image",
                          "Upload a valid image. The file you uploaded was either not an image or a corrupted image.",
                          NULL);
    return true;
}

static void image_validators(FieldRun *run, Value v)
{
    run_validator(run, &(Validator){ .check = check_image_extension }, v);
    run_own_validators(run, v);
}

static void image_attrs(FieldRun *run, const WidgetRun *w, Map *attrs)
{
    (void)run;
    if (w->cls->multipart && !map_has(w->attrs, STR("accept")))
        map_set(attrs, STR("accept"), value_str(STR("image/*")));
}

const FormFieldClass file_field = { .name = "FileField",
                                    .widget = &clearable_file_input_class,
                                    .to_python = file_to_python,
                                    .clean = file_clean,
                                    .has_changed = file_has_changed,
                                    .bound = file_bound };
const FormFieldClass image_field = { .name = "ImageField",
                                     .widget = &clearable_file_input_class,
                                     .to_python = image_to_python,
                                     .validators = image_validators,
                                     .clean = file_clean,
                                     .has_changed = file_has_changed,
                                     .bound = file_bound,
                                     .attrs = image_attrs };
