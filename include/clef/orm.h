/* orm.h: models, querysets, transactions, tables. */
#ifndef CLEF_ORM_H
#define CLEF_ORM_H

#include <clef/orm/checks.h>
#include <clef/orm/databases.h>
#include <clef/orm/expr.h>
#include <clef/orm/fetch.h>
#include <clef/orm/field.h>
#include <clef/orm/lookup.h>
#include <clef/orm/manager.h>
#include <clef/orm/model.h>
#include <clef/orm/neighbour.h>
#include <clef/orm/query.h>
#include <clef/orm/queryset.h>
#include <clef/orm/relatedset.h>
#include <clef/orm/router.h>
#include <clef/orm/row.h>
#include <clef/orm/schema.h>
#include <clef/orm/swap.h>
#include <clef/orm/transaction.h>
#include <clef/orm/validate.h>
#include <clef/orm/value.h>

#endif
