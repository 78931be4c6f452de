"""Checks of ps2: networks whose dead units are known, functions that count them, and one that revives them."""

from __future__ import annotations
