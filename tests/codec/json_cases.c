/* json_cases.c: which texts are JSON, what each means, and what is said of those that are not. */
#include <clef/base.h>
#include <clef/codec/json.h>
#include <clef/test.h>

/* The text, and what Python's json.dumps(json.loads(text)) makes of it. */
static const struct {
    Str text, again;
} accepted[] = {
    { STR("0"), STR("0") },
    { STR("-0"), STR("0") },
    { STR("1"), STR("1") },
    { STR("-1"), STR("-1") },
    { STR("10"), STR("10") },
    { STR("1234567890"), STR("1234567890") },
    { STR("9223372036854775807"), STR("9223372036854775807") },
    { STR("9223372036854775808"), STR("9223372036854775808") },
    { STR("-9223372036854775808"), STR("-9223372036854775808") },
    { STR("-9223372036854775809"), STR("-9223372036854775809") },
    { STR("123456789012345678901234567890"), STR("123456789012345678901234567890") },
    { STR("18446744073709551616"), STR("18446744073709551616") },
    { STR("-123456789012345678901"), STR("-123456789012345678901") },
    { STR("0.0"), STR("0.0") },
    { STR("-0.0"), STR("-0.0") },
    { STR("0.5"), STR("0.5") },
    { STR("1.25"), STR("1.25") },
    { STR("-1.5"), STR("-1.5") },
    { STR("1e1"), STR("10.0") },
    { STR("1E1"), STR("10.0") },
    { STR("1e+1"), STR("10.0") },
    { STR("1e-1"), STR("0.1") },
    { STR("1E-07"), STR("1e-07") },
    { STR("0e0"), STR("0.0") },
    { STR("0e+1"), STR("0.0") },
    { STR("1.5e300"), STR("1.5e+300") },
    { STR("123.456"), STR("123.456") },
    { STR("2.2250738585072014e-308"), STR("2.2250738585072014e-308") },
    { STR("5e-324"), STR("5e-324") },
    { STR("1e-400"), STR("0.0") },
    { STR("0.1e1"), STR("1.0") },
    { STR("true"), STR("true") },
    { STR("false"), STR("false") },
    { STR("null"), STR("null") },
    { STR("\"\""), STR("\"\"") },
    { STR("\"a\""), STR("\"a\"") },
    { STR("\"\\\"\""), STR("\"\\\"\"") },
    { STR("\"\\\\\""), STR("\"\\\\\"") },
    { STR("\"\\/\""), STR("\"/\"") },
    { STR("\"/\""), STR("\"/\"") },
    { STR("\"\\b\\f\\n\\r\\t\""), STR("\"\\b\\f\\n\\r\\t\"") },
    { STR("\"\\u0041\""), STR("\"A\"") },
    { STR("\"\\u00e9\""), STR("\"\\u00e9\"") },
    { STR("\"\\u20ac\""), STR("\"\\u20ac\"") },
    { STR("\"\\ud83d\\ude00\""), STR("\"\\ud83d\\ude00\"") },
    { STR("\"\\uD834\\uDd1e\""), STR("\"\\ud834\\udd1e\"") },
    { STR("\"\\u0000\""), STR("\"\\u0000\"") },
    { STR("\"\\u001f\""), STR("\"\\u001f\"") },
    { STR("\"\\uFFFF\""), STR("\"\\uffff\"") },
    { STR("\"\\udbff\\udfff\""), STR("\"\\udbff\\udfff\"") },
    { STR("\"\177\""), STR("\"\\u007f\"") },
    { STR("\"\303\251\""), STR("\"\\u00e9\"") },
    { STR("\"\342\202\254\""), STR("\"\\u20ac\"") },
    { STR("\"\360\237\230\200\""), STR("\"\\ud83d\\ude00\"") },
    { STR("\"\342\200\250\342\200\251\""), STR("\"\\u2028\\u2029\"") },
    { STR("\"\357\273\277\""), STR("\"\\ufeff\"") },
    { STR("\"\357\277\275\""), STR("\"\\ufffd\"") },
    { STR("\"\357\277\277\""), STR("\"\\uffff\"") },
    { STR("\"\364\217\277\277\""), STR("\"\\udbff\\udfff\"") },
    { STR("\"0123456789abcdef\""), STR("\"0123456789abcdef\"") },
    { STR("\"0123456789abcde\\n\""), STR("\"0123456789abcde\\n\"") },
    { STR("\"0123456789abcdef0123456789abcdef\303\251 0123456789abcdef\\\"\""),
      STR("\"0123456789abcdef0123456789abcdef\\u00e9 0123456789abcdef\\\"\"") },
    { STR("[]"), STR("[]") },
    { STR("[ ]"), STR("[]") },
    { STR("[1]"), STR("[1]") },
    { STR("[1,2]"), STR("[1, 2]") },
    { STR("[ 1 , 2 ]"), STR("[1, 2]") },
    { STR("[[]]"), STR("[[]]") },
    { STR("[[],[]]"), STR("[[], []]") },
    { STR("[null,true,false]"), STR("[null, true, false]") },
    { STR("[1,\"a\",{}]"), STR("[1, \"a\", {}]") },
    { STR("[[[[1]]]]"), STR("[[[[1]]]]") },
    { STR("[\n1\n]"), STR("[1]") },
    { STR("{}"), STR("{}") },
    { STR("{ }"), STR("{}") },
    { STR("{\"a\":1}"), STR("{\"a\": 1}") },
    { STR("{\"a\":1,\"b\":2}"), STR("{\"a\": 1, \"b\": 2}") },
    { STR("{ \"a\" : 1 }"), STR("{\"a\": 1}") },
    { STR("{\"\":0}"), STR("{\"\": 0}") },
    { STR("{\"a\":{}}"), STR("{\"a\": {}}") },
    { STR("{\"a\":[]}"), STR("{\"a\": []}") },
    { STR("{\"a\":{\"b\":{\"c\":null}}}"), STR("{\"a\": {\"b\": {\"c\": null}}}") },
    { STR("{\"a\":1,\"a\":2}"), STR("{\"a\": 2}") },
    { STR("{\"a\":1,\"b\":2,\"a\":3}"), STR("{\"a\": 3, \"b\": 2}") },
    { STR("{\"\\u0061\":1,\"a\":2}"), STR("{\"a\": 2}") },
    { STR("{\"a b\":1}"), STR("{\"a b\": 1}") },
    { STR("{\"\303\251\":1}"), STR("{\"\\u00e9\": 1}") },
    { STR(" 1"), STR("1") },
    { STR(" \011\015\n1 \011\015\n"), STR("1") },
    { STR("\n[\n]\n"), STR("[]") },
    { STR("{\"a\":\"b\",\"c\":\"d\"}"), STR("{\"a\": \"b\", \"c\": \"d\"}") },
    { STR("[1.0,2e0]"), STR("[1.0, 2.0]") },
    { STR("\"\\u00e9\303\251\""), STR("\"\\u00e9\\u00e9\"") },
    { STR("[0,0,0,0,0,0,0,0,0,0,0]"), STR("[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]") },
    { STR("[-0,-0.0,0]"), STR("[0, -0.0, 0]") },
    { STR("{\"k1\":1,\"k2\":2,\"k3\":3,\"k4\":4,\"k5\":5,\"k6\":6,\"k7\":7,\"k8\":8,\"k9\":9,\"k10\":10}"),
      STR("{\"k1\": 1, \"k2\": 2, \"k3\": 3, \"k4\": 4, \"k5\": 5, \"k6\": 6, \"k7\": 7, \"k8\": 8, \"k9\": 9, "
          "\"k10\": 10}") },
    { STR("\"<&>\""), STR("\"<&>\"") },
    { STR("1000000000000000"), STR("1000000000000000") },
    { STR("1e22"), STR("1e+22") },
    { STR("1e23"), STR("1e+23") },
    { STR("0.30000000000000004"), STR("0.30000000000000004") },
};

/* The text, and the error that Python 3.12 gives. */
static const struct {
    Str text, error;
} rejected[] = {
    { STR(""), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR(" "), STR("Expecting value: line 1 column 2 (char 1)") },
    { STR("\n"), STR("Expecting value: line 2 column 1 (char 1)") },
    { STR("\011\n "), STR("Expecting value: line 2 column 2 (char 3)") },
    { STR("["), STR("Expecting value: line 1 column 2 (char 1)") },
    { STR("{"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("[1"), STR("Expecting ',' delimiter: line 1 column 3 (char 2)") },
    { STR("[1,"), STR("Expecting value: line 1 column 4 (char 3)") },
    { STR("[1,]"), STR("Expecting value: line 1 column 4 (char 3)") },
    { STR("[,1]"), STR("Expecting value: line 1 column 2 (char 1)") },
    { STR("[,]"), STR("Expecting value: line 1 column 2 (char 1)") },
    { STR("[1,,2]"), STR("Expecting value: line 1 column 4 (char 3)") },
    { STR("[1 2]"), STR("Expecting ',' delimiter: line 1 column 4 (char 3)") },
    { STR("[1;2]"), STR("Expecting ',' delimiter: line 1 column 3 (char 2)") },
    { STR("[1}"), STR("Expecting ',' delimiter: line 1 column 3 (char 2)") },
    { STR("{]"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("{\"a\""), STR("Expecting ':' delimiter: line 1 column 5 (char 4)") },
    { STR("{\"a\":"), STR("Expecting value: line 1 column 6 (char 5)") },
    { STR("{\"a\":1"), STR("Expecting ',' delimiter: line 1 column 7 (char 6)") },
    { STR("{\"a\":1,"), STR("Expecting property name enclosed in double quotes: line 1 column 8 (char 7)") },
    { STR("{\"a\":1,}"), STR("Expecting property name enclosed in double quotes: line 1 column 8 (char 7)") },
    { STR("{,}"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("{,\"a\":1}"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("{\"a\" 1}"), STR("Expecting ':' delimiter: line 1 column 6 (char 5)") },
    { STR("{\"a\"::1}"), STR("Expecting value: line 1 column 6 (char 5)") },
    { STR("{\"a\",1}"), STR("Expecting ':' delimiter: line 1 column 5 (char 4)") },
    { STR("{\"a\":1 \"b\":2}"), STR("Expecting ',' delimiter: line 1 column 8 (char 7)") },
    { STR("{\"a\":1;\"b\":2}"), STR("Expecting ',' delimiter: line 1 column 7 (char 6)") },
    { STR("{\"a\":1,,\"b\":2}"), STR("Expecting property name enclosed in double quotes: line 1 column 8 (char 7)") },
    { STR("{a:1}"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("{'a':1}"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("{1:1}"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("{null:1}"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("{\"a\":1]"), STR("Expecting ',' delimiter: line 1 column 7 (char 6)") },
    { STR("{\"a\":}"), STR("Expecting value: line 1 column 6 (char 5)") },
    { STR("{\"a\":,}"), STR("Expecting value: line 1 column 6 (char 5)") },
    { STR("{\"a\":1,\n}"), STR("Expecting property name enclosed in double quotes: line 2 column 1 (char 8)") },
    { STR("{\"a\":1 , }"), STR("Expecting property name enclosed in double quotes: line 1 column 10 (char 9)") },
    { STR("{ \"a\" : 1\n , \"b\" }"), STR("Expecting ':' delimiter: line 2 column 8 (char 17)") },
    { STR("{[]:1}"), STR("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)") },
    { STR("{\"a\":1}}"), STR("Extra data: line 1 column 8 (char 7)") },
    { STR("]"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("}"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR(":"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR(","), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("[]]"), STR("Extra data: line 1 column 3 (char 2)") },
    { STR("[]{}"), STR("Extra data: line 1 column 3 (char 2)") },
    { STR("1 2"), STR("Extra data: line 1 column 3 (char 2)") },
    { STR("1,"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("1]"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("\"a\" \"b\""), STR("Extra data: line 1 column 5 (char 4)") },
    { STR("null null"), STR("Extra data: line 1 column 6 (char 5)") },
    { STR("01"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("-01"), STR("Extra data: line 1 column 3 (char 2)") },
    { STR("00"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("-"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("--1"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("+1"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR(".5"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("-.5"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("1."), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("-1."), STR("Extra data: line 1 column 3 (char 2)") },
    { STR("1.e1"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("1e"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("1e+"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("1E-"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("1e1.5"), STR("Extra data: line 1 column 4 (char 3)") },
    { STR("1e1e1"), STR("Extra data: line 1 column 4 (char 3)") },
    { STR("0x10"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("1_000"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("1a"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("0b1"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("-a"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("- 1"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("1 .5"), STR("Extra data: line 1 column 3 (char 2)") },
    { STR("[1.]"), STR("Expecting ',' delimiter: line 1 column 3 (char 2)") },
    { STR("[.1]"), STR("Expecting value: line 1 column 2 (char 1)") },
    { STR("[01]"), STR("Expecting ',' delimiter: line 1 column 3 (char 2)") },
    { STR("[-]"), STR("Expecting value: line 1 column 2 (char 1)") },
    { STR("[1e]"), STR("Expecting ',' delimiter: line 1 column 3 (char 2)") },
    { STR("tru"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("True"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("TRUE"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("truee"), STR("Extra data: line 1 column 5 (char 4)") },
    { STR("nul"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("None"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("nan"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("undefined"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("falsey"), STR("Extra data: line 1 column 6 (char 5)") },
    { STR("fals"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("t"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("n"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("f"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("[nul]"), STR("Expecting value: line 1 column 2 (char 1)") },
    { STR("\""), STR("Unterminated string starting at: line 1 column 1 (char 0)") },
    { STR("\"a"), STR("Unterminated string starting at: line 1 column 1 (char 0)") },
    { STR("\"abc\n\""), STR("Invalid control character at: line 1 column 5 (char 4)") },
    { STR("\"\011\""), STR("Invalid control character at: line 1 column 2 (char 1)") },
    { STR("\"\000\""), STR("Invalid control character at: line 1 column 2 (char 1)") },
    { STR("\"\037\""), STR("Invalid control character at: line 1 column 2 (char 1)") },
    { STR("\"a\001b\""), STR("Invalid control character at: line 1 column 3 (char 2)") },
    { STR("\"\\"), STR("Unterminated string starting at: line 1 column 1 (char 0)") },
    { STR("\"\\\""), STR("Unterminated string starting at: line 1 column 1 (char 0)") },
    { STR("\"\\x\""), STR("Invalid \\escape: line 1 column 2 (char 1)") },
    { STR("\"\\a\""), STR("Invalid \\escape: line 1 column 2 (char 1)") },
    { STR("\"\\'\""), STR("Invalid \\escape: line 1 column 2 (char 1)") },
    { STR("\"\\0\""), STR("Invalid \\escape: line 1 column 2 (char 1)") },
    { STR("\"\\u\""), STR("Invalid \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\u1\""), STR("Invalid \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\u12\""), STR("Invalid \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\u123\""), STR("Invalid \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\u123"), STR("Invalid \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\u12g4\""), STR("Invalid \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\u 123\""), STR("Invalid \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\u+123\""), STR("Invalid \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\U0041\""), STR("Invalid \\escape: line 1 column 2 (char 1)") },
    { STR("\"\\ud83d\\u\""), STR("Invalid \\uXXXX escape: line 1 column 9 (char 8)") },
    { STR("\"\\ud83d\\u12\""), STR("Invalid \\uXXXX escape: line 1 column 9 (char 8)") },
    { STR("\"\\ud83d\\u12x4\""), STR("Invalid \\uXXXX escape: line 1 column 9 (char 8)") },
    { STR("[\"a"), STR("Unterminated string starting at: line 1 column 2 (char 1)") },
    { STR("[\"a\\\"]"), STR("Unterminated string starting at: line 1 column 2 (char 1)") },
    { STR("'a'"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("`a`"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("\"a\\\n\""), STR("Invalid \\escape: line 1 column 3 (char 2)") },
    { STR("/* c */ 1"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("1 // c"), STR("Extra data: line 1 column 3 (char 2)") },
    { STR("# c\n1"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("[1] x"), STR("Extra data: line 1 column 5 (char 4)") },
    { STR("{\"a\":1} x"), STR("Extra data: line 1 column 9 (char 8)") },
    { STR("\n\n  x"), STR("Expecting value: line 3 column 3 (char 4)") },
    { STR("[\n1,\n2,\n]"), STR("Expecting value: line 4 column 1 (char 8)") },
    { STR("{\"a\":\n\n x}"), STR("Expecting value: line 3 column 2 (char 8)") },
    { STR("\"\303\251\303\251\" x"), STR("Extra data: line 1 column 6 (char 5)") },
    { STR("[\"\342\202\254\", x]"), STR("Expecting value: line 1 column 7 (char 6)") },
    { STR("\"\360\237\230\200\n\""), STR("Invalid control character at: line 1 column 3 (char 2)") },
    { STR("\303\2511"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("\302\2401"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("\342\200\2501"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("\0141"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("\0131"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("\0001"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("1\000"), STR("Extra data: line 1 column 2 (char 1)") },
    { STR("[1,\302\2402]"), STR("Expecting value: line 1 column 4 (char 3)") },
    { STR("{\"a\":1,\"b\""), STR("Expecting ':' delimiter: line 1 column 11 (char 10)") },
    { STR("{\"a\":[1,{\"b\":2]}"), STR("Expecting ',' delimiter: line 1 column 15 (char 14)") },
    { STR("[{\"a\":1]"), STR("Expecting ',' delimiter: line 1 column 8 (char 7)") },
    { STR("[[["), STR("Expecting value: line 1 column 4 (char 3)") },
    { STR("[[]"), STR("Expecting ',' delimiter: line 1 column 4 (char 3)") },
    { STR("{\"a\":{\"b\":1}"), STR("Expecting ',' delimiter: line 1 column 13 (char 12)") },
    { STR("\"\\ud83d\\ude0"), STR("Invalid \\uXXXX escape: line 1 column 9 (char 8)") },
    { STR("{\"a\n\":1}"), STR("Invalid control character at: line 1 column 4 (char 3)") },
    { STR("{\"a\\q\":1}"), STR("Invalid \\escape: line 1 column 4 (char 3)") },
    { STR("[1,2,3"), STR("Expecting ',' delimiter: line 1 column 7 (char 6)") },
    { STR("<html>"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("{\"a\" : tru}"), STR("Expecting value: line 1 column 8 (char 7)") },
    { STR("[true,fals]"), STR("Expecting value: line 1 column 7 (char 6)") },
};

/* Where Python is laxer than the RFC, or our text cannot hold it. */
static const struct {
    Str text, error;
} stricter[] = {
    { STR("NaN"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("[NaN]"), STR("Expecting value: line 1 column 2 (char 1)") },
    { STR("Infinity"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("-Infinity"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("1e400"), STR("Number is too large for a double: line 1 column 1 (char 0)") },
    { STR("[1, -1e400]"), STR("Number is too large for a double: line 1 column 5 (char 4)") },
    { STR("\"\\ud800\""), STR("Lone surrogate in \\uXXXX escape: line 1 column 2 (char 1)") },
    { STR("\"a\\udc00\""), STR("Lone surrogate in \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\"\\ud800\\ud800\""), STR("Lone surrogate in \\uXXXX escape: line 1 column 2 (char 1)") },
    { STR("\"\\ud800\\n\""), STR("Lone surrogate in \\uXXXX escape: line 1 column 2 (char 1)") },
    { STR("\"\\udc00\\ud800\""), STR("Lone surrogate in \\uXXXX escape: line 1 column 2 (char 1)") },
    { STR("\"\\ud800\\u0041\""), STR("Lone surrogate in \\uXXXX escape: line 1 column 2 (char 1)") },
    { STR("{\"\\ud800\": 1}"), STR("Lone surrogate in \\uXXXX escape: line 1 column 3 (char 2)") },
    { STR("\xef\xbb\xbf"
          "1"),
      STR("Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)") },
    { STR("\xef\xbb\xbf"), STR("Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)") },
    { STR("\"\xff\""), STR("Invalid UTF-8: line 1 column 2 (char 1)") },
    { STR("\"\x80\""), STR("Invalid UTF-8: line 1 column 2 (char 1)") },
    { STR("\"\xc3\""), STR("Invalid UTF-8: line 1 column 2 (char 1)") },
    { STR("\"\xc3\xa9\xc3\""), STR("Invalid UTF-8: line 1 column 3 (char 2)") },
    { STR("\"\xc0\xaf\""), STR("Invalid UTF-8: line 1 column 2 (char 1)") },
    { STR("\"\xe0\x80\xaf\""), STR("Invalid UTF-8: line 1 column 2 (char 1)") },
    { STR("\"\xed\xa0\x80\""), STR("Invalid UTF-8: line 1 column 2 (char 1)") },
    { STR("\"\xf4\x90\x80\x80\""), STR("Invalid UTF-8: line 1 column 2 (char 1)") },
    { STR("\"\xf0\x9f\x98\""), STR("Invalid UTF-8: line 1 column 2 (char 1)") },
    { STR("\"0123456789abcdef\xf8\""), STR("Invalid UTF-8: line 1 column 18 (char 17)") },
    { STR("{\"\xff\":1}"), STR("Invalid UTF-8: line 1 column 3 (char 2)") },
    { STR("\xff"), STR("Expecting value: line 1 column 1 (char 0)") },
    { STR("[\"a\",\n\xe9]"), STR("Expecting value: line 2 column 1 (char 6)") },
    { STR("\"a\xc2"), STR("Invalid UTF-8: line 1 column 3 (char 2)") },
};

TEST(json, accepts_and_writes_as_python)
{
    Arena *a = test_arena();
    for (size_t i = 0; i < CLEF_COUNT(accepted); i++) {
        Value v;
        JsonError e = { 0 };
        if (!json_read(a, accepted[i].text, (JsonOptions){ 0 }, &v, &e)) {
            CHECK_STR(json_error_text(a, &e), accepted[i].text);
            continue;
        }
        Buf b = BUF_INIT(a, 10000);
        CHECK(json_write(&b, v, (JsonStyle){ 0 }));
        CHECK_STR(buf_view(&b), accepted[i].again);
        /* Nothing of the text may be needed, nor read past its end: a copy of exactly its length. */
        char *copy = arena_alloc(a, accepted[i].text.n);
        memcpy(copy, accepted[i].text.p, accepted[i].text.n);
        REQUIRE(json_read(a, str_from(copy, accepted[i].text.n), (JsonOptions){ 0 }, &v, NULL));
        memset(copy, '#', accepted[i].text.n);
        buf_clear(&b);
        CHECK(json_write(&b, v, (JsonStyle){ 0 }));
        CHECK_STR(buf_view(&b), accepted[i].again);
    }
}

static void refuses(Str text, Str error)
{
    Arena *a = test_arena();
    Value v = value_int(7);
    JsonError e = { 0 };
    char *copy = arena_alloc(a, text.n);
    memcpy(copy, text.p, text.n);
    if (test_check(!json_read(a, str_from(copy, text.n), (JsonOptions){ 0 }, &v, &e), CLEF_TEST_AT, text.p)) {
        CHECK_STR(json_error_text(a, &e), error);
        CHECK_EQ(v.i, 7);
        CHECK(e.offset <= text.n && e.offset >= e.character);
    }
}

TEST(json, refuses_with_the_words_of_python)
{
    for (size_t i = 0; i < CLEF_COUNT(rejected); i++)
        refuses(rejected[i].text, rejected[i].error);
}

TEST(json, refuses_what_the_rfc_refuses)
{
    for (size_t i = 0; i < CLEF_COUNT(stricter); i++)
        refuses(stricter[i].text, stricter[i].error);
}
