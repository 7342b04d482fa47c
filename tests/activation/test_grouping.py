"""What is written in groups: who waits gets an answer, whatever happens to the writer."""

import asyncio

import pytest

from activation.grouping import Grouped


class Ended(BaseException):
    """The process is about to end."""


class Writer:
    """Holds each group until it is let go; then it does what it was told to."""

    def __init__(self, *outcomes):
        self.groups = []
        self.outcomes = list(outcomes)
        self.at_work = asyncio.Event()
        self.go_on = asyncio.Event()

    async def write(self, group):
        self.groups.append(list(group))
        self.at_work.set()
        await self.go_on.wait()
        if self.outcomes and (error := self.outcomes.pop(0)):
            raise error
        return [f"{item} written" for item in group]


async def told(writer, *items):
    """What each of the items came to; all but the first come while the first is being written."""
    grouped = Grouped(writer.write)
    first = asyncio.create_task(grouped.put(items[0]))
    await writer.at_work.wait()
    others = [asyncio.create_task(grouped.put(item)) for item in items[1:]]
    await asyncio.sleep(0)
    writer.go_on.set()
    async with asyncio.timeout(10):
        return await asyncio.gather(first, *others, return_exceptions=True)


def test_what_comes_while_one_is_written_is_written_together():
    async def run():
        writer = Writer()
        assert await told(writer, "a", "b", "c") == ["a written", "b written", "c written"]
        assert writer.groups == [["a"], ["b", "c"]]

    asyncio.run(run())


def test_an_error_is_of_those_whose_group_it_was():
    async def run():
        failed, *others = await told(Writer(ValueError("a")), "a", "b")
        assert isinstance(failed, ValueError)
        assert others == ["b written"]

    asyncio.run(run())


@pytest.mark.parametrize("end", [Ended, asyncio.CancelledError])
def test_nobody_waits_for_a_writer_that_has_ended(end):
    async def run():
        told_them = await told(Writer(end()), "a", "b", "c")
        assert [type(one) for one in told_them] == [end] * 3

    asyncio.run(run())
