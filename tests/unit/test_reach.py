"""Which tests are fast: none that starts a process or shows a screen, however it comes to."""

from pathlib import Path
from textwrap import dedent

import pytest
from reach import is_near

FAR = {
    "itself": """
        def test(): subprocess.run(["true"])
    """,
    "a helper": """
        def helper(): return asyncio.create_subprocess_exec("true")
        async def test(): await helper()
    """,
    "a class": """
        class Person:
            def sit(self): self.app.run_test()
        def test(): Person().sit()
    """,
    "a fixture of a fixture": """
        @pytest.fixture
        def one(): return ValkeyServer()
        @pytest.fixture
        def other(one): return one
        def test(other): pass
    """,
    "a fixture that is asked for": """
        @pytest.fixture
        def one(): return ValkeyServer()
        def test(request): request.getfixturevalue("one")
    """,
    "a name for it": """
        helper = subprocess.run
        def test(): helper(["true"])
    """,
    "another name for it": """
        from os import popen as ask
        def test(): ask("true")
    """,
    "another name for the module": """
        def test():
            import subprocess as sp
            sp.run(["true"])
    """,
    "a process of a pool": """
        import concurrent.futures
        def test(): concurrent.futures.ProcessPoolExecutor()
    """,
    "conftest.py": """
        def test(own): pass
    """,
    "what it imports": """
        from person import person_at as somebody
        def test(): somebody()
    """,
    "a module that it imports": """
        def test():
            import person
            person.person_at()
    """,
}
NEAR = {
    "an annotation": "def test(server: ValkeyServer) -> subprocess.Popen: pass",
    "the server of all": "def test(server): server.client()",
    "a neighbour": "def test(): pass\ndef other(): subprocess.run([])",
    "itself again": "def test(): helper()\ndef helper(): test()",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of tests below a folder with a conftest.py."""
    (tmp_path / "conftest.py").write_text("def own(): return ValkeyServer()")
    (tmp_path / "deeper").mkdir()
    return tmp_path / "deeper" / "test_it.py"


@pytest.mark.parametrize("source", FAR.values(), ids=FAR)
def test_a_test_is_far_by_all_that_it_leads_to(file: Path, source: str) -> None:
    """Helpers, classes, fixtures, conftest.py and imports are followed."""
    file.write_text(dedent(source))
    assert not is_near(file, "test")


@pytest.mark.parametrize("source", NEAR.values(), ids=NEAR)
def test_a_test_is_near_without(file: Path, source: str) -> None:
    """Neither an annotation, nor the server of the whole run, nor a neighbour counts."""
    file.write_text(source)
    assert is_near(file, "test")


def test_its_fixtures_count_where_it_does_not_name_them(file: Path) -> None:
    """As those that are used by a marker, or by all tests."""
    file.write_text("def test(): pass\ndef fixture(): subprocess.run([])")
    assert is_near(file, "test", "server")
    assert not is_near(file, "test", "server", "fixture")


@pytest.mark.parametrize("fixture", ["postgresql", "own_postgresql", "mariadb", "mongodb"])
def test_the_servers_of_databases_are_far(fixture: str) -> None:
    """They come from another file that conftest.py imports, and take a second to start."""
    assert not is_near(Path(__file__), "test", fixture)
