#!/usr/bin/env python3
"""The command line of a project: commands, options, exit codes, and what is said when something is wrong."""
import json, os, shutil, stat, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from serving import BUILD, run

PROJECT = os.path.join(BUILD, "tests/clef-tests-project")
HELLO = os.path.join(BUILD, "examples/hello/hello")


class Result:
    def __init__(self, process):
        self.status, self.out, self.err = process.returncode, process.stdout, process.stderr


def call(*words, program=PROJECT, env=None, folder="/"):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_") and k != "SECRET_KEY"}
    return Result(subprocess.run([program, *words], cwd=folder, env={**clean, **(env or {})}, capture_output=True, text=True,
                                 timeout=20, stdin=subprocess.DEVNULL))


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def says(result, status, out="", err=""):
    text = f"status {result.status}, output {result.out!r}, errors {result.err!r}"
    check(result.status == status, f"status {status} wanted: {text}")
    check(out in result.out, f"{out!r} wanted in the output: {text}")
    check(err in result.err, f"{err!r} wanted in the errors: {text}")
    check("Sanitizer" not in result.err, text)


def test_without_a_command_it_lists_them():
    for words in [], ["help"], ["--help"]:
        result = call(*words)
        says(result, 0, "usage: project COMMAND [OPTIONS]")
        for name in "check", "diffsettings", "greet", "serve", "showurls", "version":
            check(f"\n  {name} " in result.out, name)


def test_help_of_a_command():
    for words in ["greet", "--help"], ["help", "greet"], ["--help", "greet"]:
        says(call(*words), 0, "usage: project greet [--shout] [--times N] name\n\nGreets somebody.\n")
    says(call("help", "gret"), 1, err="there is no command 'gret'")


def test_commands_of_an_application():
    says(call("greet", "you"), 0, "hello you from base\n")
    says(call("greet", "-s", "you", "--times=2", "--settings", "second"), 0, "hello YOU from second\nhello YOU from second\n")
    says(call("--settings", "second", "greet", "you"), 0, "from second")
    says(call("greet", "you", env={"CLEF_SETTINGS": "second"}), 0, "from second")
    check(call("greet", "you", "--verbosity", "0").out == "", "verbosity 0 says nothing")


def test_a_command_may_take_the_place_of_one():
    says(call("version"), 0, "version of the project's own")
    says(call("--version"), 0, "project 7.1 (Clef ")
    says(call("version", program=HELLO), 0, "Clef ")


def test_what_fails():
    says(call("fail"), 1, err="cleaned up\nproject: the file is not there\n")
    says(call("fail", "--softly"), 1, "the others were", "row 3 could not be read")


def test_lines_that_are_not_understood():
    says(call("gret"), 2, err="there is no command 'gret'; did you mean 'greet'?")
    says(call("something-else"), 2, err="'project help' lists them")
    says(call("greet"), 2, err="the argument name is missing\n'project greet --help' says how it is used")
    says(call("greet", "a", "b"), 2, err="'b' is one argument too many")
    says(call("greet", "a", "--tims", "2"), 2, err="did you mean --times?")
    says(call("greet", "a", "--times", "4"), 2, err="a whole number from 1 to 3, not '4'")
    says(call("--nothing"), 2, err="there is no option --nothing")


def test_settings_that_are_not_there():
    says(call("check", "--settings", "third"), 1, err="there are: base, second, badurls, nourls, twice")
    says(call("serve", "--settings", "third"), 1, err="the settings cannot be used")
    says(call("serve", "--settings", "production", program=HELLO), 1, err="SECRET_KEY")
    says(call("check", "--settings", "production", program=HELLO), 1, err="SECRET_KEY")
    says(call("serve", env={"CLEF_WORKERS": "many"}), 1, err="CLEF_WORKERS")


def test_check():
    says(call("check"), 0, "System check identified no issues (0 silenced).")
    says(call("check", "--settings", "badurls"), 1, err="nonsense")
    says(call("check", "--settings", "nourls"), 1, err="ROOT_URLCONF")
    says(call("check", "--settings", "twice"), 1, err="labels must be unique")
    says(call("check", env={"CLEF_LANGUAGE_CODE": "xx"}), 1, err="(shop_not_ready) the shop does not speak xx")
    says(call("check", env={"CLEF_LANGUAGE_CODE": "xx"}), 1, err="(translation.E004)")
    says(call("check", env={"CLEF_LANGUAGE_CODE": "de_AT"}), 1, err="(translation.E001)")
    says(call("check", env={"CLEF_LANGUAGES": "en,x y"}), 1, err="(translation.E002)")
    says(call("check", env={"CLEF_ALOWED_HOSTS": "x"}), 0, "CLEF_ALOWED_HOSTS names no setting. Did you mean CLEF_ALLOWED_HOSTS?")
    says(call("check", env={"CLEF_OF_SOMETHING_ELSE_ALTOGETHER": "x"}), 0, "no issues (0 silenced)")
    quiet = {"CLEF_ALOWED_HOSTS": "x", "CLEF_SILENCED_SYSTEM_CHECKS": "settings.W001"}
    says(call("check", env=quiet), 0, "no issues (1 silenced)")


def test_check_for_deployment():
    says(call("check", "--deploy"), 0, "(security.W001)")
    says(call("check", "--deploy", "--fail-level", "WARNING"), 1, err="(security.W001)")
    says(call("check", "--fail-level", "LOW"), 2, err="is one of CRITICAL, ERROR, WARNING, INFO, DEBUG")
    key = "b9ysd7f6gsd9f7g6sd9f7g6s98d7fg6s9d8f7g6s9d8f7g6sd9f8g7s6"
    result = call("check", "--deploy", "--settings", "production", program=HELLO, env={"SECRET_KEY": key})
    says(result, 0)
    check("W001" not in result.out and "W002" not in result.out and "W009" not in result.out, result.out)


def test_serve_refuses_what_cannot_be_served():
    says(call("serve", "--settings", "badurls"), 1, err="nonsense")
    says(call("serve", "--settings", "twice"), 1, err="labels must be unique")
    says(call("serve", "--listen", "localhost:http"), 1, err="an address is 127.0.0.1:8000")
    says(call("serve", "--listen", "unix:/nowhere/x.sock"), 1, err="the folder of the socket is not there")
    says(call("serve", env={"CLEF_LOG_FILE": "/nowhere/log"}), 1, err="LOG_FILE: /nowhere/log cannot be opened: No such file")
    files = {"CLEF_TLS_CERTIFICATE": "/nowhere/cert.pem", "CLEF_TLS_KEY": "/nowhere/key.pem"}
    says(call("serve", env=files), 1, err="/nowhere/cert.pem")
    says(call("serve", "--check"), 0, "project can be served")
    says(call("serve", "--check", env={"CLEF_LOG_LEVELS": "request"}), 1, err="LOG_LEVELS")


def test_read_only_folder():
    folder = tempfile.mkdtemp(prefix="clef-read-only-")
    try:
        os.chmod(folder, 0o555)
        if os.geteuid() == 0:  # root writes everywhere but on a file system that takes nothing
            path = "/sys/clef.sock" if os.path.isdir("/sys") else "/proc/clef.sock"
        else:
            path = os.path.join(folder, "x.sock")
        says(call("serve", "--listen", "unix:" + path), 1, err=f"cannot listen on unix:{path}: ")
    finally:
        os.chmod(folder, 0o755)
        shutil.rmtree(folder)


def test_showurls():
    out = call("showurls").out
    check(out == "/\tpage\tindex\n/<letter:room>/<hex:shelf>/\tshelf\tshelf\n/broken/\tbroken\tbroken\n/crash/\tcrash\tcrash\n/shop/<slug:slug>/\tpage\tshop:product\n"
                 "/shop/old/<year>.\tpage\tshop:old\n", repr(out))
    rows = json.loads(call("showurls", "--format", "json", "--unsorted").out)
    check(rows[5] == {"url": "/shop/old/<year>.", "view": "page", "name": "shop:old"}, str(rows))
    check(call("showurls", "--format", "table").out.splitlines()[0].split() == ["Route", "View", "Name"], "table")
    says(call("showurls", "--settings", "badurls"), 1, err="nonsense")


def test_diffsettings():
    result = call("diffsettings", env={"CLEF_DEBUG": "true"})
    says(result, 0, "DEBUG = True\n")
    check("for these tests only" not in result.out, "the key is hidden")
    says(call("diffsettings", "--all"), 0, "### ")


def test_completion():
    says(call("completion"), 0, "complete -o default -F _clef-tests-project_complete clef-tests-project")

    def words(*typed):
        return call("completion", "--words", "--", "project", *typed).out.split()

    check(words("gr") == ["greet"], words("gr"))
    check("serve" in words(""), words(""))
    check(words("greet", "--sh") == ["--shout"], words("greet", "--sh"))
    check(words("check", "--fail-level", "W") == ["WARNING"], words("check", "--fail-level", "W"))
    check(words("check", "--settings", "s") == ["second"], words("check", "--settings", "s"))
    script = call("completion", program=HELLO).out + 'COMP_WORDS=("$1" ser); COMP_CWORD=1; _hello_complete; echo "${COMPREPLY[@]}"'
    out = subprocess.run(["bash", "-c", script, "bash", HELLO], capture_output=True, text=True).stdout
    check(out == "serve\n", out)


if __name__ == "__main__":
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    sys.exit(run([(n, t) for n, t in globals().items() if n.startswith("test_")], names[0] if names else ""))
