"""The command line: the only code that prints, exits or reads the environment."""

from __future__ import annotations

import gc
import os
import sys

import click

from unetscope.cli.commands import unetscope
from unetscope.errors import UnetscopeError

INTERRUPTED = 130


def main() -> None:
    """Run a command; every failure is one line and a hint on stderr. Exit 0 done, 1 could not, 2 usage."""
    code = _run()
    gc.freeze()  # the last collection at exit would walk all of torch too: a fifth of a cold run again
    sys.exit(code)


def _run() -> int:
    # A short life: collecting cycles would walk all that torch's import makes, a fifth of a cold run.
    gc.disable()
    try:
        return int(unetscope.main(prog_name="unetscope", standalone_mode=False) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", code=INTERRUPTED)
    except UnetscopeError as error:
        return _say(str(error), hint=error.hint)
    except BrokenPipeError:
        # The reader has gone; keep Python from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        return _say("out of memory", hint="try a smaller network or size")
    except Exception as error:  # the last stop before a traceback
        if os.environ.get("UNETSCOPE_TRACEBACK"):
            raise
        name = f"{type(error).__name__}: {error}".splitlines()[0]
        return _say(f"unexpected {name}", hint="a bug: UNETSCOPE_TRACEBACK=1 shows where, please report it")


def _say(message: str, *, hint: str = "", code: int = 1) -> int:
    from unetscope.cli.output import complain

    complain(message, hint=hint)
    return code
