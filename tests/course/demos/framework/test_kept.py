"""What the page keeps stays within its bound, and the least useful goes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from course.demos.framework.kept import Kept, Picture

PUTS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 40), st.booleans()), max_size=40)


def by_key(key: object) -> float:
    assert isinstance(key, int)
    return float(key)


@given(puts=PUTS)
def test_the_account_is_that_of_a_page_that_does_as_it_is_told(puts: list[tuple[int, int, bool]]) -> None:
    kept, page = Kept(most=100), dict[int, tuple[int, int]]()
    for number, (key, size, must) in enumerate(puts):
        before = dict(page)
        dropped = kept.put(key, Picture(number, size), by_key, must=must)
        if dropped is None:
            assert not must
            rest = sum(size for other, size in before.values() if other < key)
            assert rest + size > 100, "there would have been room beside what is more useful"
            assert kept.size == sum(size for _, size in before.values())
            continue
        for picture in dropped:
            del page[picture.number]
        page[number] = (key, size)
        assert len({key for key, _ in page.values()}) == len(page) == len(kept)
        assert kept.size == sum(size for _, size in page.values()) <= 100
        found = kept.get(key)
        assert found is not None
        assert found.number == number
        gone = {key for key, _ in before.values()} - {key for key, _ in page.values()}
        if not must:
            assert all(other > key for other in gone)
        assert all(other >= max(gone) or other == key for other, _ in page.values() if gone and other > max(gone))


def test_the_least_useful_goes() -> None:
    kept = Kept(most=30)
    for key in (3, 9, 5):
        assert kept.put(key, Picture(key, 10), by_key) == []
    assert kept.put(4, Picture(4, 10), by_key) == [Picture(9, 10)]
    assert kept.put(8, Picture(8, 10), by_key) is None
    assert kept.put(8, Picture(8, 10), by_key, must=True) == [Picture(5, 10)]
    assert [key for key in range(10) if key in kept] == [3, 4, 8]


def test_what_must_be_shown_is_kept_however_large() -> None:
    kept = Kept(most=30)
    kept.put(1, Picture(1, 20), by_key)
    assert kept.put(2, Picture(2, 99), by_key) is None
    assert kept.put(2, Picture(2, 99), by_key, must=True) == [Picture(1, 20)]
    assert len(kept) == 1
    kept.clear()
    assert (len(kept), kept.size, kept.get(2)) == (0, 0, None)
