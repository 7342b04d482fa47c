import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.intake.content import START, advance, holds

_MIB = 1 << 20


@settings(max_examples=30, deadline=None)
@given(
    size=st.sampled_from([0, 1, 10, _MIB - 1, _MIB, _MIB + 1, 3 * _MIB, 3 * _MIB + 7]),
    places=st.lists(st.integers(0, 3 * _MIB + 7), max_size=4),
    around=st.sampled_from([-1, 0, 1]),
)
def test_a_mark_follows_from_the_bytes_however_many_readings_they_took(
    size: int, places: list[int], around: int
) -> None:
    data = (b"some text\n" * (size // 10 + 1))[:size]
    stops = sorted({min(max(place + around, 0), size) for place in (*places, _MIB, size)})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        file.write_bytes(data)
        mark = START
        for stop in stops:
            mark = advance(file, mark, stop)
            assert mark == advance(file, START, stop)
            assert mark.at_line == data[:stop].count(b"\n")
            assert holds(file, mark)


def test_a_change_before_the_mark_in_its_block_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"a" * (_MIB + 100))
    mark = advance(file, START, _MIB + 50)
    for changed, is_held in ((_MIB + 10, False), (_MIB + 60, True)):
        data = bytearray(b"a" * (_MIB + 100))
        data[changed] = ord("b")
        file.write_bytes(data)
        assert holds(file, mark) is is_held
