"""What other programs make of a notebook: the bytes that they write for one with right answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jupytext
import nbformat

from tests.flows.corpus.case import Case

Notebook = dict[str, Any]


def written(content: Any, encoding: str = "utf-8") -> bytes:
    return json.dumps(content, indent=1, ensure_ascii=False).encode(encoding)


def with_cells(**fields: Any) -> Callable[[Notebook], bytes]:
    return lambda nb: written({**nb, "cells": [{**cell, **fields} for cell in nb["cells"]]})


def without(*keys: str) -> Callable[[Notebook], bytes]:
    return lambda nb: written(
        {
            **{key: value for key, value in nb.items() if key not in keys},
            "cells": [{key: value for key, value in cell.items() if key not in keys} for cell in nb["cells"]],
        }
    )


def with_outputs(*outputs: Any) -> Callable[[Notebook], bytes]:
    return with_cells(outputs=list(outputs))


def with_metadata(**fields: Any) -> Callable[[Notebook], bytes]:
    def make(nb: Notebook) -> bytes:
        cells = [{**cell, "metadata": {**cell["metadata"], **fields}} for cell in nb["cells"]]
        return written({**nb, "cells": cells, "metadata": {**nb["metadata"], **fields}})

    return make


def old_format(nb: Notebook) -> bytes:
    return nbformat.v3.writes_json(nbformat.v4.downgrade(nbformat.from_dict(nb))).encode()


def first_minor_version(nb: Notebook) -> bytes:
    return written({**json.loads(without("id")(nb)), "nbformat_minor": 0})


def through_jupytext(nb: Notebook) -> bytes:
    text = jupytext.writes(nbformat.from_dict(nb), fmt="py:percent")
    return jupytext.writes(jupytext.reads(text, fmt="py:percent"), fmt="ipynb").encode()


def of_colab(nb: Notebook) -> bytes:
    cells = [{**cell, "metadata": {**cell["metadata"], "id": cell["id"], "outputId": "0"}} for cell in nb["cells"]]
    bare = json.loads(without("id")({**nb, "cells": cells}))
    return written({**bare, "nbformat_minor": 0, "metadata": {"colab": {"provenance": []}, "accelerator": "GPU"}})


def of_vs_code(nb: Notebook) -> bytes:
    cells = [{**cell, "metadata": {**cell["metadata"], "vscode": {"languageId": "python"}}} for cell in nb["cells"]]
    return written({**json.loads(without("id")({**nb, "cells": cells})), "nbformat_minor": 2})


def deep(nb: Notebook) -> bytes:
    return written(nb).replace(b'"metadata": {', b'"metadata": {"deep": ' + b"[" * 5000 + b"]" * 5000 + b", ", 1)


def nested_text(nb: Notebook) -> bytes:
    cells = [{**cell, "source": [[line] for line in cell["source"].splitlines(keepends=True)]} for cell in nb["cells"]]
    return written({**nb, "cells": cells})


STREAM = {"output_type": "stream", "text": ["x\n"]}
WRITERS: dict[str, Callable[[Notebook], bytes]] = {
    "asis": written,
    "ids_minor": lambda nb: written({**nb, "nbformat_minor": 4}),
    "ids_numbers": with_cells(id=5),
    "ids_empty": with_cells(id=""),
    "ids_null": with_cells(id=None),
    "ids_long": with_cells(id="x" * 100),
    "ids_equals": with_cells(id="a=b"),
    "transient": with_cells(transient={"a": 1}, outputs=[], attachments={}),
    "no_count": without("execution_count"),
    "no_outputs": without("outputs"),
    "no_minor": without("nbformat_minor"),
    "no_version": without("nbformat", "nbformat_minor"),
    "no_names": lambda nb: written({**nb, "metadata": {"kernelspec": {"name": "python3"}, "language_info": {}}}),
    "nulls": lambda nb: written({**nb, "metadata": None, "nbformat_minor": None}),
    "types": with_metadata(tags=None, collapsed="no", name=3, kernelspec=[], language_info=None, title={}),
    "unnamed": with_outputs(STREAM, {"output_type": "display_data", "data": {}}, None),
    "pyout": with_outputs({"output_type": "pyout", "text": "2", "prompt_number": 1}, {"output_type": "pyerr"}),
    "unknown": with_outputs({"output_type": "widget", "x": [1]}),
    "huge": with_outputs({**STREAM, "text": "x" * 10_000_000}),
    "lists": nested_text,
    "bom": lambda nb: written(nb, "utf-8-sig"),
    "utf16": lambda nb: written(nb, "utf-16"),
    "utf16be": lambda nb: written(nb, "utf-16-be"),
    "zeros": lambda nb: written(nb) + bytes(1024),
    "nan": lambda nb: written(nb).replace(b'"execution_count": null', b'"execution_count": NaN'),
    "sql": lambda nb: written({**nb, "cells": [*nb["cells"], {"cell_type": "sql", "source": "select"}]}),
    "deep": deep,
    "v3": old_format,
    "v40": first_minor_version,
    "jupytext": through_jupytext,
    "colab": of_colab,
    "vscode": of_vs_code,
}  # fmt: skip
NOTED = {"sql": "of a type that Jupyter does not have"}
DAMAGED = {name: Case(raw=make, note=NOTED.get(name, "")) for name, make in WRITERS.items()}
