"""The filters of system calls are programs that the kernel takes."""

from __future__ import annotations

import pytest

from autograder.room.walls import filter as system_calls


@pytest.mark.parametrize("abi", range(8))
@pytest.mark.parametrize("namespaces", [True, False])
def test_the_filters_are_bpf_programs(namespaces, abi):
    for program in (
        system_calls.program(namespaces=namespaces, landlock_abi=abi),
        system_calls.unknown_calls_program(),
        system_calls.asking_program(system_calls.asked(abi)),
    ):
        assert len(program) % 8 == 0
        assert len(program) // 8 < 4096
