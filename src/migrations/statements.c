/* statements.c: where statements end. */
#include "migrations/statements.h"

static bool is_letter(char c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_'; }
static bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '$'; }
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_postgresql(Str vendor) { return str_eq(vendor, STR("postgresql")); }
static bool is_mysql(Str vendor) { return str_eq(vendor, STR("mysql")) || str_eq(vendor, STR("mariadb")); }

static char at(Str s, size_t i) { return i < s.n ? s.p[i] : 0; }

static size_t past_line(Str sql, size_t i)
{
    while (i < sql.n && sql.p[i] != '\n')
        i++;
    return i;
}

/* Comments are in comments only where PostgreSQL reads. */
static size_t past_comment(Str vendor, Str sql, size_t i)
{
    size_t depth = 0;
    for (; i < sql.n; i++) {
        if (at(sql, i) == '/' && at(sql, i + 1) == '*') {
            depth += !depth || is_postgresql(vendor);
            i++;
        } else if (at(sql, i) == '*' && at(sql, i + 1) == '/') {
            i++;
            if (--depth == 0)
                return i + 1;
        }
    }
    return sql.n;
}

/* $$ ... $$, $name$ ... $name$ */
static size_t past_dollars(Str sql, size_t i)
{
    size_t end = i + 1;
    while (end < sql.n && sql.p[end] != '$' && is_word(sql.p[end]) && (end > i + 1 || is_letter(sql.p[end])))
        end++;
    if (at(sql, end) != '$' || (i && is_word(sql.p[i - 1])))
        return i;
    Str tag = str_slice(sql, i, end + 1);
    size_t close = str_find(str_from_byte(sql, end + 1), tag);
    return close == STR_NPOS ? sql.n : end + 1 + close + tag.n;
}

/* Where a backslash takes the meaning of the next byte away; MariaDB and MySQL read without (NO_BACKSLASH_ESCAPES). */
static bool has_escapes(Str vendor, Str sql, size_t i)
{
    return is_postgresql(vendor) && sql.p[i] == '\'' && i && (sql.p[i - 1] | 32) == 'e' &&
           (i == 1 || !is_word(sql.p[i - 2]));
}

static size_t past_text(Str vendor, Str sql, size_t i)
{
    char quote = sql.p[i] == '[' ? ']' : sql.p[i];
    bool escapes = has_escapes(vendor, sql, i);
    for (i++; i < sql.n; i++) {
        if (escapes && sql.p[i] == '\\')
            i++;
        else if (sql.p[i] == quote && at(sql, i + 1) == quote && quote != ']')
            i++;
        else if (sql.p[i] == quote)
            return i + 1;
    }
    return sql.n;
}

static bool is_hint(Str sql, size_t i) { return at(sql, i + 2) == '!' || at(sql, i + 2) == '+'; }

/* Past a comment that says nothing to the database; `i` where none begins. */
static size_t past_remark(Str vendor, Str sql, size_t i)
{
    if ((at(sql, i) == '-' && at(sql, i + 1) == '-') || (at(sql, i) == '#' && is_mysql(vendor)))
        return past_line(sql, i);
    if (at(sql, i) == '/' && at(sql, i + 1) == '*' && !is_hint(sql, i))
        return past_comment(vendor, sql, i);
    return i;
}

size_t statement_past_quoted(Str vendor, Str sql, size_t i)
{
    char c = at(sql, i);
    size_t past = past_remark(vendor, sql, i);
    if (past > i)
        return past;
    if (c == '/' && at(sql, i + 1) == '*')
        return past_comment(vendor, sql, i);
    if (c == '\'' || c == '"' || (c == '`' && !is_postgresql(vendor)) || (c == '[' && str_eq(vendor, STR("sqlite"))))
        return past_text(vendor, sql, i);
    return c == '$' && is_postgresql(vendor) ? past_dollars(sql, i) : i;
}

/* --- statements that have statements in them */

typedef struct Body {
    bool creates;   /* CREATE was the first word */
    bool has_parts; /* of a trigger, a routine, an event */
    unsigned words, depth;
} Body;

static Str word_at(Str sql, size_t i)
{
    size_t end = i;
    while (end < sql.n && is_word(sql.p[end]))
        end++;
    return str_slice(sql, i, end);
}

static Str word_after(Str sql, size_t i)
{
    while (i < sql.n && is_space(sql.p[i]))
        i++;
    return word_at(sql, i);
}

static bool is_one_of(Str word, const char *const *words)
{
    for (; *words; words++)
        if (str_ieq(word, str_c(*words)))
            return true;
    return false;
}

/* BEGIN and CASE open what END closes; the ends of IF, LOOP and the like say whose they are. */
static void take_word(Body *b, Str sql, size_t i, Str word)
{
    static const char *const kinds[] = { "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", NULL };
    static const char *const others[] = { "IF", "LOOP", "WHILE", "REPEAT", "FOR", NULL };
    if (b->words++ == 0)
        b->creates = str_ieq(word, STR("CREATE"));
    else if (b->creates && b->words < 12 && is_one_of(word, kinds))
        b->has_parts = true;
    if (!b->has_parts)
        return;
    if (str_ieq(word, STR("BEGIN")) || str_ieq(word, STR("CASE")))
        b->depth++;
    else if (str_ieq(word, STR("END")) && b->depth && !is_one_of(word_after(sql, i + word.n), others))
        b->depth--;
}

static Str without_remarks(Str vendor, Str sql)
{
    for (;;) {
        sql = str_trim(sql);
        size_t past = past_remark(vendor, sql, 0);
        if (!past)
            return sql;
        sql = str_from_byte(sql, past);
    }
}

Str statement_next(Str vendor, Str *rest)
{
    while (rest->n) {
        Body body = { 0 };
        Str sql = without_remarks(vendor, *rest), one = sql;
        *rest = (Str){ 0 };
        for (size_t i = 0; i < sql.n;) {
            size_t past = statement_past_quoted(vendor, sql, i);
            if (past > i) {
                i = past;
            } else if (sql.p[i] == ';' && !body.depth) {
                one = str_slice(sql, 0, i);
                *rest = str_from_byte(sql, i + 1);
                break;
            } else if (is_letter(sql.p[i])) {
                Str word = word_at(sql, i);
                /* END CASE: the second word opens nothing. */
                bool closes =
                    i >= 4 && str_ieq(word, STR("CASE")) && str_ends(str_trim(str_slice(sql, 0, i)), STR("END"));
                if (!closes)
                    take_word(&body, sql, i, word);
                i += word.n;
            } else {
                i++;
            }
        }
        one = str_trim(one);
        if (one.n)
            return one;
    }
    return (Str){ 0 };
}

Str statement_without_placeholders(Arena *a, Str vendor, Str sql)
{
    if (!is_postgresql(vendor) || str_find_byte(sql, '?') == STR_NPOS)
        return sql;
    Buf b = BUF_INIT(a, sql.n * 2 + 1);
    for (size_t i = 0; i < sql.n;) {
        size_t past = statement_past_quoted(vendor, sql, i);
        if (past > i) {
            buf_add(&b, sql.p + i, past - i);
            i = past;
        } else if (sql.p[i] == '?') {
            BUF_LIT(&b, "??");
            i += 1 + (at(sql, i + 1) == '?');
        } else {
            buf_byte(&b, sql.p[i++]);
        }
    }
    return buf_view(&b);
}
