"""What is called once a hand rests: once, not while it moves, and not without an event loop."""

from __future__ import annotations

import asyncio

from course.demos.framework.rest import REST_S, Rest


def test_it_calls_once_after_the_last_start() -> None:
    calls: list[float] = []

    async def move() -> None:
        loop = asyncio.get_running_loop()
        rest = Rest(lambda: calls.append(loop.time()))
        assert rest.start()
        last = loop.time()
        assert rest.start()
        while not calls:
            await asyncio.sleep(0.001)
        await asyncio.sleep(2 * REST_S)
        assert [at >= last + REST_S for at in calls] == [True]

    asyncio.run(move())


def test_it_can_be_stopped() -> None:
    calls: list[int] = []

    async def move() -> None:
        rest = Rest(lambda: calls.append(1))
        rest.stop()
        rest.start()
        rest.stop()
        await asyncio.sleep(2 * REST_S)

    asyncio.run(move())
    assert calls == []


def test_without_an_event_loop_it_does_nothing() -> None:
    calls: list[int] = []
    assert not Rest(lambda: calls.append(1)).start()
    assert calls == []
