"""What an instructor may leave in an answer that a person reads, for students to write over."""

from __future__ import annotations

PLACEHOLDERS = {
    "plain": "Write here.",
    "solution": "### BEGIN SOLUTION\nBecause.\n### END SOLUTION\n**Answer.** <!-- two sentences -->",
    "line_break": "**Answer** in<br>two lines",
    "image": 'See ![](data.png "t") and write.',
    "picture": "See ![x](attachment:a.png), ![y](<my plot.png>) and <img src=a.png>.",
    "formula": "Show that $a<b$ and \\\\(x<y\\\\), for `if a<b:`.\n\n$$x & y$$",
    "table": "| x | <small>y</small> |\n|---|---|\n| 1 | 2 |",
    "link": "See [the table](<my table.csv>), <https://example.org> and <b>write</b>.",
    "html": '<div class="alert alert-info" style="color: red">Write &amp; draw.</div>\n\n<details>y</details>',
    "code": "```python\nif a < b:\n    pass\n```\n\n    <b>\n",
    "letters": "Schreibe – “hier” 加倍 🎉 \u2028 \u00a0 ä ä",
    "long": "word " * 4100,
    "nothing": "",
    "blanks": " \n\n\t",
    "script": "<script>alert(1)</script><style>b {}</style>",
}
