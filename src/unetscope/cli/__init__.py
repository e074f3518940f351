"""The command line: the only code that prints, exits or reads the environment.

Nothing that takes time is imported here: Ctrl-C in the first moments must find `main` at work.
"""

from __future__ import annotations

import gc
import os
import sys

INTERRUPTED = 130
UNREAD = 141
"""As a shell counts programs that SIGPIPE ends: the reader has gone and wants no more."""


def main() -> None:
    """Run a command; a failure is one line and a hint on stderr. Exit 0 done or yes, 1 no, 2 could not."""
    try:
        from unetscope.cli import process

        process.prepare()
        code = _run()
        process.end()
    except KeyboardInterrupt:  # before `_run` took it, or while it said something else
        os.write(2, b"error: interrupted\n")
        os._exit(INTERRUPTED)
    gc.freeze()  # the last collection at exit would walk all of torch too: a fifth of a cold run again
    sys.exit(code)


def _run() -> int:
    # A short life: collecting cycles would walk all that torch's import makes, a fifth of a cold run.
    gc.disable()
    import click

    from unetscope.cli import progress
    from unetscope.cli.commands import unetscope
    from unetscope.cli.process import TYPED
    from unetscope.errors import UnetscopeError

    try:
        with progress.shown():
            code = int(unetscope.main(prog_name="unetscope", standalone_mode=False, obj=TYPED) or 0)
        sys.stdout.flush()
        return code
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        from unetscope.cli.usage import misused

        message, hint = misused(error)
        return _say(message, hint=hint)
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", code=INTERRUPTED)
    except UnetscopeError as error:
        return _say(error.message, hint=error.hint)
    except BrokenPipeError:
        return UNREAD
    except MemoryError:
        return _say("out of memory", hint="try a smaller network or size")
    except Exception as error:  # noqa: BLE001 - the last stop before a traceback
        return _unforeseen(error)


def _unforeseen(error: Exception) -> int:
    """A full or closed standard output (an error of the system that names no file), or a bug."""
    if isinstance(error, OSError) and error.strerror and error.filename is None:
        return _say(f"cannot write to standard output: {error.strerror}", hint="is it full, or closed?")
    if os.environ.get("UNETSCOPE_TRACEBACK"):
        raise error
    name = f"{type(error).__name__}: {error}".splitlines()[0]
    return _say(f"unexpected {name}", hint="a bug: UNETSCOPE_TRACEBACK=1 shows where, please report it")


def _say(message: str, *, hint: str = "", code: int | None = None) -> int:
    from unetscope.cli.output import FAILED, complain

    complain(message, hint=hint)
    return FAILED if code is None else code
