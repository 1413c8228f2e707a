"""Checks of a script: each is counted, one that fails is named, and the sum is the script's last line."""

passed = failed = 0


def check(condition, what):
    global passed, failed
    passed, failed = passed + bool(condition), failed + (not condition)
    if not condition:
        print(f"FAILED {what}")
    return condition


def closing():
    """Prints the sum; the exit status of the script."""
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
