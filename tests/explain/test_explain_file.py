"""The page as a file."""

import pytest

from baton.commands.explain import _write


@pytest.mark.parametrize("before", [None, 0o644])
def test_only_its_owner_may_read_the_page(tmp_path, before):
    file = tmp_path / "ada.html"
    if before:
        file.write_text("a longer page that was there before")
        file.chmod(before)
    _write(file, "<p>Ada</p>")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text("utf-8") == "<p>Ada</p>"
