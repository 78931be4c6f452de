"""Small changes to the instructor's solutions, made by a mutation tool: mistakes that hidden tests should notice."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from tests.support.notebook_runner import notebook_cells

_ARITHMETIC = "Add|Sub|Mul|Div|Pow"
_COMPARISONS = "Eq|NotEq|Lt|LtE|Gt|GtE"
OPERATORS = re.compile(
    rf"core/(ReplaceBinaryOperator_({_ARITHMETIC})_({_ARITHMETIC})|ReplaceBinaryOperator_Bit(Or|And)_Bit(Or|And)|"
    rf"ReplaceComparisonOperator_({_COMPARISONS})_({_COMPARISONS})|ReplaceComparisonOperator_Is(Not)?_Is(Not)?|"
    "ReplaceUnaryOperator_.*|AddNot|Replace(True|False)With.*|Replace(And|Or)With.*|Replace(Break|Continue)With.*|"
    "ExceptionReplacer|NumberReplacer|RemoveDecorator|ZeroIterationForLoop)"
)
"""Left out: replacements such as + by >>, which any test that runs the line kills."""


@dataclass(frozen=True)
class Mutant:
    """A solution with one change."""

    assignment: str
    exercise: str
    operator: str
    source: str
    change: str
    """The lines that differ, ``old`` and ``new`` on either side of an arrow."""


def mutants(assignment: str) -> Iterator[Mutant]:
    """Yield the mutants of every solution cell of an assignment, none twice."""
    for cell in notebook_cells("source", assignment):
        if cell.solution:
            seen = {_tree(cell.source)}
            for operator, source in [*_tool(cell.source), *_without_a_statement(cell.source)]:
                tree = _tree(source)
                if tree and tree not in seen:
                    seen.add(tree)
                    yield Mutant(assignment, cell.grade_id, operator, source, change(cell.source, source))


def _tree(source: str) -> str:
    """Return what a source means, whatever its layout; nothing if it is no Python, as `x <= not 3`."""
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return ""


def change(before: str, after: str) -> str:
    """Return the lines that differ, without their indentation."""
    lines = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] in ("- ", "+ ")]
    old, new = ([line[2:].strip() for line in lines if line[0] == sign] for sign in "-+")
    return f"{' '.join(old)} → {' '.join(new) or '(nothing)'}"


def _tool(source: str) -> Iterator[tuple[str, str]]:
    """Yield what Cosmic Ray makes of a source."""
    for name in filter(OPERATORS.fullmatch, operator_names()):
        operator, occurrence = get_operator(name)(), 0
        while (mutated := mutate_code(source, operator, occurrence)) is not None:
            yield name.removeprefix("core/"), mutated
            occurrence += 1


def _without_a_statement(source: str) -> Iterator[tuple[str, str]]:
    """Yield the source with one statement after the other replaced by `pass`; the tool has no such operator."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        simple = isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Pass)
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if simple and not docstring:
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            kept = [*lines[:first], " " * node.col_offset + "pass", *lines[last:]]
            yield "statement deleted", "\n".join(kept) + "\n"
