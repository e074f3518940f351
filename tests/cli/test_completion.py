"""Completion where it is used: in bash, zsh and fish, on a terminal of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHELLS = {
    # shell: (how it is started, what a user puts into its settings)
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(unetscope --completion bash)"'),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -Uz compinit; compinit -D -u; eval "$(unetscope --completion zsh)"',
    ),
    "fish": (["fish", "--no-config", "-i"], "unetscope --completion fish | source"),
}
COMPLETED = {
    # typed before the tab: what stands there after it
    "unetscope diagram bk-sdm-t": "unetscope diagram bk-sdm-tiny",
    "unetscope table sd15 --conven": "unetscope table sd15 --convention",
    "unetscope rec": "unetscope reconcile",
    "unetscope table mynet-wi": "unetscope table mynet-with-a-name.json",
}
_CODES = re.compile(
    r"\x1b(?:\[[0-9;?=<>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>])|[\x00-\x09\x0b-\x1f]"
)
"""What moves the cursor, sets colours or titles."""


class Terminal:
    """A shell on a pseudo terminal, typed at as a person would."""

    def __init__(self, argv: list[str], folder: Path, env: dict[str, str]) -> None:
        self.process_id, self.end = pty.fork()
        if not self.process_id:
            os.chdir(folder)
            os.execvpe(argv[0], argv, env)
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self.end, text.encode())

    def shows(self, wanted: str, *, tries: int = 300) -> bool:
        """Whether the text comes up, told the terminal's answers to what a shell asks of it."""
        for _ in range(tries):
            if wanted in _CODES.sub("", self.shown):
                return True
            if select.select([self.end], [], [], 0.1)[0]:
                try:
                    got = os.read(self.end, 65536).decode(errors="replace")
                except OSError:
                    return False
                if "\x1b[c" in got or "\x1b[0c" in got:  # what are you?
                    self.type("\x1b[?62;22c")
                if "\x1b[6n" in got:  # where is the cursor?
                    self.type("\x1b[1;1R")
                self.shown += got
        return False

    def close(self) -> None:
        os.close(self.end)
        os.waitpid(self.process_id, 0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a config, and the program on its own path."""
    (tmp_path / "mynet-with-a-name.json").write_text("{}")
    program = tmp_path / "bin" / "unetscope"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m unetscope "$@"\n')
    program.chmod(0o755)
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "HOME": str(home), "TERM": "xterm", "COLUMNS": "100", "PS1": "$ "}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="pseudo terminals of POSIX")
@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])
def test_a_tab_completes_models_options_commands_and_files(shell: str, home: Path) -> None:
    argv, setting = SHELLS[shell]
    terminal = Terminal(argv, home, environment(home))
    try:
        terminal.type(f"{setting}\n")
        terminal.type("echo rea''dy\n")
        assert terminal.shows("ready"), terminal.shown
        for typed, completed in COMPLETED.items():
            terminal.shown = ""
            terminal.type(f"{typed}\t")
            rest = completed[len(typed) :]
            assert terminal.shows(rest), (typed, terminal.shown)
            terminal.type("\x15")  # the line is cleared
    finally:
        terminal.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_every_shell_is_printed_and_nothing_else(shell: str) -> None:
    command = [sys.executable, "-m", "unetscope", "--completion", shell]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "_UNETSCOPE_COMPLETE" in done.stdout


def completed(*words: str) -> list[str]:
    """What fish is told, which click puts a line each: the value, and what it is."""
    env = os.environ | {
        "_UNETSCOPE_COMPLETE": "fish_complete",
        "COMP_WORDS": " ".join(["unetscope", *words]),
        "COMP_CWORD": words[-1],
    }
    command = [sys.executable, "-m", "unetscope"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    return done.stdout.splitlines()


@pytest.mark.slow
def test_models_are_completed_with_their_titles_and_other_names_where_no_id_fits() -> None:
    assert completed("diff", "sd15", "bk-sdm-t") == ["plain,bk-sdm-tiny\tBK-SDM-Tiny"]
    assert completed("table", "stabilityai/stable-diffusion-xl-base") == [
        "plain,stabilityai/stable-diffusion-xl-base-1.0"
    ]
    assert completed("table", "./some") == ["file,./some"]
