/* forms.h: a struct for forms, for programs that are wrong in one place. */
#include "models.h"
#include <clef/forms.h>
#include <clef/template.h>

typedef struct TicketForm {
    Str title, body;
    int64_t priority;
    OptInt age;
    bool urgent;
    Date day;
    StrList tags;
    const UploadedFile *file;
    Author *owner;
} TicketForm;
extern const FormClass TicketForm_form;
void check_title(Form *form, void *data);
