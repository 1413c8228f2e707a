"""building: a program of C files against the library of this build, linked as the example shop is."""
import os, shlex, subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build/dev")))


def build(program, sources, *flags):
    commands = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "examples/shop/shop"], capture_output=True, text=True).stdout
    link = [w for w in shlex.split(commands.strip().splitlines()[-1]) if not w.endswith(".o")]
    at = link.index("-o")
    link[at + 1] = os.path.abspath(program)
    words = ["-std=gnu2x", "-g", "-Wall", "-Wextra", "-Werror", "-I" + os.path.join(ROOT, "include"), *flags]
    return subprocess.run(link[:at] + words + [os.path.abspath(s) for s in sources] + link[at:], cwd=BUILD, capture_output=True, text=True)
