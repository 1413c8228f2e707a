/* The migrations of @app@, in order. makemigrations writes this list. */
#include <clef/migrations.h>

NO_MIGRATIONS(@app@_migrations);
