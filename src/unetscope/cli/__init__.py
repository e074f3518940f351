"""The command line: the only code that prints, exits or reads the environment.

Nothing that takes time is imported here: Ctrl-C in the first moments must find `main` at work.
"""

from __future__ import annotations

import gc
import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Run a command; every failure is one line and a hint on stderr. Exit 0 done, 1 could not, 2 usage."""
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

    from unetscope.cli.commands import unetscope
    from unetscope.cli.output import refuse
    from unetscope.errors import UnetscopeError

    try:
        code = int(unetscope.main(prog_name="unetscope", standalone_mode=False) or 0)
        sys.stdout.flush()
        return code
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        refuse(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", code=INTERRUPTED)
    except UnetscopeError as error:
        return _say(error.message, hint=error.hint)
    except BrokenPipeError:
        return 1  # the reader has gone and wants no more
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


def _say(message: str, *, hint: str = "", code: int = 1) -> int:
    from unetscope.cli.output import complain

    complain(message, hint=hint)
    return code
