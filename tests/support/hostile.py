"""Files made to be obeyed by a terminal, a page, a spreadsheet, TeX, Graphviz or Mermaid, and what must not
come of them, whatever command reads them."""

from __future__ import annotations

import gc
import io
import json
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from support.judges import harmful, judged
from unetscope import cli

MARKUP = '</text><script>alert(1)</script> & "q" \'\x00\x1b[31m\u202e ]]>'
"""Obeyed by a page, a picture or a terminal, were it not escaped."""
IN_EVERY_FORMAT = (
    '</title><script>alert(1)</script> & "q" | `c` *b* _i_ $x$ \\input{x} %\n# \x1b[31m\u202e [l](u) =1+1 中'
)
"""Obeyed by one or other of the formats of a table."""

WORDS = [
    "<script>alert('XQ')</script>",
    "\"><img src=x onerror=alert('XQ')>",
    "</title></style><svg onload=alert('XQ')>",
    "<a href=\"javascript:alert('XQ')\">x</a>",
    "]]><!-- <?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>",
    "&xxe; &#27; &#x202e; &lt;b&gt;",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;owned\x07\x1b]8;;http://evil.test\x07x",
    "\x9d0;owned\x9c\x9b31m",
    "\u202egnp.exe\u2066a\u2069",
    "a\u200bb\u2060c\ufeff\u200f\u00ad\U000e0041",
    "\x7f\x85\u2028\u2029\ufffe\uffff",
    "a\r\nb\tc",
    " =1+1",
    "=cmd|' /C calc'!A0",
    "\uff1d1+1",
    "@SUM(1)",
    "\\input{/etc/passwd}\\write18{touch PWNED}",
    "$x^2$ % & # _ { } ~ ^^5c",
    "| [x](javascript:alert(1)) ![x](http://evil.test/x.png) `c` **b**",
    "<CLICK> URL=\"javascript:alert('XQ')\" tooltip=<c>",
    '<b>]; evil [label="XQ" URL="http://evil.test"]; x [label=<c>',
    '<x> image="/etc/passwd" shape=<c>',
    '\\N\\G"]; evil [URL="javascript:alert(1)"]; x [label="',
    "end\nclick v0 href \"javascript:alert('XQ')\"",
    "{{7*7}}{% raw %}{0.__class__}%s%n",
    "url(http://evil.test/x) @import 'http://evil.test' expression(alert(1))",
    " ",
    "e" + "\u0301" * 40,
    "مرحبا 中文 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "A" * 900,
    "",
    "\u200b",
]
STRUCTURE = set(
    "path owner op_class role dtype class_name source target convention axis tied part guidance casts".split()
)
"""Text that ties parts together or is one of a few words: the reader refuses any other."""

FORMATS = {
    "table --by layer": "md csv html tex json txt",
    "compare {other}": "md csv html json txt",
    "diff {other}": "svg html md json txt png",
    "graph --depth 3": "dot mmd svg",
    "diagram --detail layer": "svg json html",
    "diagram --layout u --theme auto": "svg png",
    "chart --kind memory": "svg pdf",
    "chart": "svg",
    "chart --kind sweep": "svg",
    "trace": "json",
}
PRINTED = """\
show
show --json
show --config
memory
memory --train --json
reconcile 339G --no-torchinfo
table
table --by kind --columns params,intensity
table --format csv
diff {other} --distill --transfer
compare {other}
sweep
sweep --formula
graph --format dot -o -
diagram -o -
trace -o -
table -o out/
diagram
graph
chart
chart --kind sweep
trace
table --by layer --torchinfo
diff {other} --format html
""".splitlines()


COMMANDS = [
    f"{words} -o out/x.{suffix}" for words, suffixes in FORMATS.items() for suffix in suffixes.split()
]
COMMANDS += PRINTED


def hostile(saved: str, word_at: Any, *, renamed: str = "conv_in", axis: str = "") -> bytes:
    """The saved architecture with all free text replaced by `word_at(n)`, a module renamed, an axis more."""
    root, count = json.loads(saved), iter(range(10**6))

    def changed(value: Any, key: str = "") -> Any:
        match value:
            case str():
                return value if key in STRUCTURE else word_at(next(count))
            case list():
                return [changed(one, key) for one in value]
            case dict():
                kept = {"kind"} if {"source", "target"} <= value.keys() else set()  # how a skip joins
                return {name: one if name in kept else changed(one, name) for name, one in value.items()}
        return value

    made = {name: part if name in ("config", "basis") else changed(part, name) for name, part in root.items()}
    made["config"] |= {word_at(next(count)): word_at(next(count)), "act_fn": word_at(next(count))}
    made["facts"] |= {
        name: word_at(next(count))
        for name in ("prediction_type", "vae", "scheduler", "licence", "training", "provenance")
    }
    made["facts"] |= {"text_encoders": [word_at(next(count))], "aliases": [word_at(next(count))]}
    made["facts"]["input_channels"] = [{"name": word_at(next(count)), "count": 4}]
    made |= {
        name: [word_at(next(count))] for name in ("uncounted", "ignored_keys", "defaulted_keys", "notes")
    }
    for stage in made["stages"]:
        stage["stream"] = word_at(next(count))
    made["basis"]["axes"] |= {axis: 3} if axis else {}
    text = json.dumps(made)
    if renamed and "." not in renamed:
        text = re.sub(r'"conv_in(?=["./])', lambda _: json.dumps(renamed)[:-1], text)
    return text.encode()


def run(argv: list[str], folder: Path) -> tuple[int, str, str]:
    """A command in this process, as on a terminal that takes everything: exit code, stdout, stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["unetscope", *argv])
        patch.setenv("UNETSCOPE_CACHE", str(folder / "cache"))
        patch.setenv("COLUMNS", "100")
        try:
            code = cli._run()
        finally:
            gc.enable()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return code, *texts


def broken(command: str, folder: Path) -> list[str]:
    """Every promise that a command breaks in a folder that holds s.json, other.json and out/."""
    name, *rest = command.format(other="other.json").split()
    target = next((word for word in rest if word.startswith("out/")), None)
    before = {path for path in folder.parent.rglob("*") if path.is_file()}
    code, out, err = run([name, "s.json", *rest], folder)
    after = {path for path in folder.parent.rglob("*") if path.is_file() and "cache" not in path.parts}
    bad = [f"exit {code}"] if code not in (0, 1, 2) else []
    bad += [word for word in ("Traceback", "error: unexpected") if word in err]
    bad += [f"stdout {c}" for c in harmful(out)] + [f"stderr {c}" for c in harmful(err)]
    bad += ["a message of 700 letters"] if any(len(line) > 700 for line in err.splitlines()) else []
    bad += ["no hint"] if code == 1 and "hint: " not in err else []
    written = {path for path in after - before if code == 0 and path.parent.name in ("out", "outputs")}
    bad += [f"wrote {path}" for path in after - before - written]
    bad += [f"no {target}"] if code == 0 and target and not (folder / target).exists() else []
    return bad + [f"{path.name}: {fault}" for path in written for fault in judged(path, name)]
