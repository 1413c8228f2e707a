/* builtin.c: the signals of <clef/signals/builtin.h>. */
#include <clef/signals/builtin.h>

Signal request_started = { .name = "request_started" };
Signal request_finished = { .name = "request_finished" };
Signal got_request_exception = { .name = "got_request_exception" };
Signal setting_changed = { .name = "setting_changed" };
Signal class_prepared = { .name = "class_prepared" };
Signal pre_init = { .name = "pre_init" };
Signal post_init = { .name = "post_init" };
Signal pre_save = { .name = "pre_save" };
Signal post_save = { .name = "post_save" };
Signal pre_delete = { .name = "pre_delete" };
Signal post_delete = { .name = "post_delete" };
Signal m2m_changed = { .name = "m2m_changed" };
Signal pre_migrate = { .name = "pre_migrate" };
Signal post_migrate = { .name = "post_migrate" };
Signal model_renamed = { .name = "model_renamed" };
Signal template_rendered = { .name = "template_rendered" };
Signal user_logged_in = { .name = "user_logged_in" };
Signal user_logged_out = { .name = "user_logged_out" };
Signal user_login_failed = { .name = "user_login_failed" };
