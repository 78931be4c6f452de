"""Makes the parts of a notebook that we write ourselves, without nbformat's validation of each one, which is slow."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode, from_dict


def new_cell(cell_type: str, source: str, metadata: dict[str, Any]) -> NotebookNode:
    """Return a cell without outputs; its id is set when it has its place."""
    cell: dict[str, Any] = {"cell_type": cell_type, "id": "cell", "metadata": metadata, "source": source}
    if cell_type == "code":
        cell |= {"execution_count": None, "outputs": []}
    return _node(cell)


def new_result(
    data: dict[str, Any], metadata: dict[str, Any] | None = None, execution_count: int | None = None
) -> NotebookNode:
    """Return the output of a cell's last expression."""
    parts = {"data": data, "metadata": metadata or {}, "execution_count": execution_count}
    return _node({"output_type": "execute_result", **parts})


def new_display(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> NotebookNode:
    """Return an output that was displayed."""
    return _node({"output_type": "display_data", "data": data, "metadata": metadata or {}})


def new_stream(name: str, text: str) -> NotebookNode:
    """Return printed text; `name` is `stdout` or `stderr`."""
    return _node({"output_type": "stream", "name": name, "text": text})


def new_error(ename: str, evalue: str, traceback: list[str]) -> NotebookNode:
    """Return an exception."""
    return _node({"output_type": "error", "ename": ename, "evalue": evalue, "traceback": traceback})


def _node(parts: dict[str, Any]) -> NotebookNode:
    node: NotebookNode = from_dict(parts)
    return node
