"""Writes decimal_cases.h: what Python's decimal module says to some hundred operations.

    python3 tests/base/decimal_cases.py > tests/base/decimal_cases.h
"""
import decimal
import random
import struct
from decimal import Decimal as D

random.seed(20260101)
ctx = decimal.getcontext()
ctx.prec = 300000
ctx.Emax = decimal.MAX_EMAX
ctx.Emin = decimal.MIN_EMIN
for trap in ctx.traps:
    ctx.traps[trap] = False

MODES = ["ROUND_HALF_EVEN", "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_UP", "ROUND_DOWN", "ROUND_CEILING",
         "ROUND_FLOOR", "ROUND_05UP"]
FIXED = ["0", "-0", "0E-10", "0E+5", "1", "-1", "10", "1E+1", "1.0", "1.20", "1.2", "99", "0.5", "2.5", "-2.5", "0.05",
         "18446744073709551615", "18446744073709551616", "-18446744073709551617", "9223372036854775807", "1E+18",
         "999999999", "1000000000", "999999999999999999", "1000000000000000000", "99999999999999999999999999999",
         "123456789012345678901234567890.123456789", "1E-30", "1E+30", "5E-7", "0.000001", "0.0000001",
         "Infinity", "-Infinity", "NaN", "-NaN123"]


def number():
    digits = random.choice([1, 3, 9, 10, 18, 19, 20, 21, 27, 40, 90])
    coefficient = random.randrange(10 ** digits)
    if random.random() < 0.2:
        coefficient = coefficient // 10 ** (digits // 2) * 10 ** (digits // 2)
    if random.random() < 0.1:
        coefficient = 10 ** digits - 1
    return D((random.randrange(2), tuple(map(int, str(coefficient))), random.randint(-45, 45)))


def text(d):
    return str(d)


def outcome(f):
    ctx.clear_flags()
    r = f()
    if ctx.flags[decimal.DivisionByZero]:
        return "!zero"
    if ctx.flags[decimal.InvalidOperation]:
        return "!invalid"
    return text(r)


def out(op, x, y, arg, mode, result):
    print('{ "%s", "%s", "%s", %d, %s, "%s" },' % (op, x, y, arg, MODES[mode], result))


def at_precision(prec, mode, f):
    with decimal.localcontext() as c:
        c.prec = prec
        c.rounding = MODES[mode]
        c.clear_flags()
        r = f()
        if c.flags[decimal.DivisionByZero]:
            return "!zero"
        if c.flags[decimal.InvalidOperation]:
            return "!invalid"
        return text(r)


print("/* Made by decimal_cases.py. */\n/* clang-format off */")
pairs = [(D(a), D(b)) for a in FIXED for b in random.sample(FIXED, 4)] + [(number(), number()) for _ in range(140)]
for x, y in pairs:
    out("add", x, y, 0, 0, outcome(lambda: x + y))
    out("sub", x, y, 0, 0, outcome(lambda: x - y))
    out("mul", x, y, 0, 0, outcome(lambda: x * y))
    c = x.compare(y)
    out("cmp", x, y, 0, 0, "!nan" if c.is_nan() else int(c))
    if not y.is_infinite() and not (x.is_nan() or y.is_nan()):
        prec, mode = random.choice([1, 2, 9, 10, 28, 60]), random.randrange(8)
        out("div", x, y, prec, mode, at_precision(prec, mode, lambda: x / y))
singles = [D(a) for a in FIXED] + [number() for _ in range(100)]
for x in singles:
    out("str", x, "", 0, 0, text(x))
    out("plain", x, "", 0, 0, format(x, "f"))
    if x.is_finite():
        out("normal", x, "", 0, 0, text(x.normalize()))
        out("integer", x, "", 0, 0, int(x == x.to_integral_value()))
    if not x.is_nan():
        out("double", x, "", 0, 0, repr(float(x)))
    for mode in range(8):
        exponent = random.randint(-50, 20)
        if random.random() < 0.6 and x.is_finite():
            exponent = x.as_tuple().exponent + random.randint(-2, 12)
        out("quantize", x, "", exponent, mode, outcome(lambda: x.quantize(D((0, (1,), exponent)), rounding=MODES[mode])))
        prec = random.choice([1, 2, 5, 9, 17, 18, 19, 30])
        if not x.is_nan():
            out("round", x, "", prec, mode, at_precision(prec, mode, lambda: decimal.getcontext().create_decimal(x)))
for i in range(-25, 30):
    for mode in range(8):
        x = D(i).scaleb(-1)
        out("quantize", x, "", 0, mode, text(x.quantize(D(1), rounding=MODES[mode])))
doubles = [0.1, 1.0, -0.0, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 2.225073858507201e-308, 1e22, 1e23,
           1e16, 9999999999999998.0, 123456789012345680.0, 0.0001, 0.00001, 1 / 3, 2.0 ** -44, 2.0 ** 60, 9007199254740993.0]
doubles += [2.0 ** random.randint(-1074, 1023) for _ in range(60)]
doubles += [struct.unpack("<d", struct.pack("<Q", random.getrandbits(64)))[0] for _ in range(150)]
doubles += [random.randrange(10 ** random.randint(1, 17)) / 10 ** random.randint(0, 20) for _ in range(60)]
for d in doubles:
    if d == d:
        out("float", repr(d), "%016x" % struct.unpack("<Q", struct.pack("<d", d))[0], 0, 0, text(D(d)))
