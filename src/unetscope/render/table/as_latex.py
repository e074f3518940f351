"""A table as LaTeX with booktabs, to be \\input into a paper; any LaTeX engine sets it."""

from __future__ import annotations

from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.render.table import cells

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # After a line's end these would be its arguments.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "–": "--",
    "…": r"\dots{}",
    "ᵀ": r"$^{\mathsf{T}}$",
}
# Letters that every engine sets without a further package.
_LETTERS = frozenset("ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿ")


def table(given: Table) -> str:
    """A table float: rules by booktabs, the total below the last but one, the basis in the caption."""
    headings = ["part", *(escape(column.heading) for column in given.columns)]
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering\setlength{\tabcolsep}{5pt}",
        rf"  \caption{{{escape(cells.headline(given))}. {escape(_sentence(cells.statement(given)))}}}",
        rf"  \begin{{tabular}}{{@{{}}l{'r' * len(given.columns)}@{{}}}}",
        r"    \toprule",
        _line(headings),
        r"    \midrule",
        *(_row(given, row, cells.name(given, row)) for row in given.rows),
        r"    \midrule",
        _row(given, given.total, "total"),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Text that LaTeX sets as it is, on one line; a letter it may not know becomes its code point."""
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~" or character in _LETTERS:
        return character
    return " " if character.isspace() else f"{{[}}U+{ord(character):04X}{{]}}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _row(given: Table, row: Row, name: str) -> str:
    values = (cells.cell(column, column.value(row, given.total)) for column in given.columns)
    return _line([escape(name), *(escape(value) for value in values)])


def _line(texts: list[str]) -> str:
    return f"    {' & '.join(texts)} \\\\"
