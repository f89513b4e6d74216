"""The settings file: what it says is what holds, and every mistake in it is told with its line."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.printable import safe_for_terminal
from imgtui.model.keeps.rules import KeepRule
from imgtui.store.config.paths import config_file
from imgtui.store.config.settings import RollbackSettings, Settings, SettingsError, read_settings

BUDGET = 'a size above 0 with its unit, such as "20 GB" or "1.5 GiB", or a number of bytes'
RULE = '[[keep]]\nrepository = "web*"\nlast = 10\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def complaint(path: Path, text: str | bytes) -> str:
    """What is said of a file, without its name."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    message = str(caught.value)
    assert safe_for_terminal(message)
    assert message.startswith(f"{path} ")
    return message.removeprefix(f"{path} ")


def test_rules_and_keys_are_read(path: Path) -> None:
    path.write_text(
        '[[keep]]\nrepository = "web*"\nlast = 10\ndays = 30\nbudget = "20 GB"\n'
        '[[keep]]\nrepository = "localhost:5000/team/api"\nall = true\n'
        '[keys]\nlist.sort = "o"\n"tab.next" = "right"\n'
    )
    assert read_settings(path) == Settings(
        (
            KeepRule("web*", last=10, days=30.0, budget=20_000_000_000),
            KeepRule("localhost:5000/team/api", all=True),
        ),
        {"list.sort": "o", "tab.next": "right"},
    )


def test_how_containers_are_rolled_back_is_read(path: Path) -> None:
    path.write_text("[rollback]\nsettle = 30\nremove_after = 0.5\n")
    assert read_settings(path).rollback == RollbackSettings(30.0, 0.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rollback]\nsettle = 0\n", "line 2: settle must be a number of seconds above 0, such as 30"),
        (
            "[rollback]\nremove_after = '1 day'\n",
            "line 2: remove_after must be a number of days above 0, such as 7",
        ),
        ("[rollback]\nwait = 3\n", 'line 2: rollback has no key "wait"; it has settle, remove_after'),
        ("rollback = 3\n", "line 1: rollback must be a table: [rollback], and below it its keys"),
    ],
)
def test_a_wrong_way_to_roll_back_is_told_with_its_line(path: Path, text: str, said: str) -> None:
    assert complaint(path, text) == said


@pytest.mark.parametrize("text", ["", "# nothing\n", "keep = []\n[keys]\n"])
def test_an_empty_file_sets_nothing(path: Path, text: str) -> None:
    path.write_text(text)
    assert read_settings(path) == Settings()


def test_a_missing_file_sets_nothing(path: Path) -> None:
    assert read_settings(path) == Settings()
    assert read_settings(path / "in" / "no" / "folder") == Settings()


def test_rules_can_be_written_in_one_array(path: Path) -> None:
    path.write_text('keep = [\n  {repository = "web", last = 1},\n  {repository = "api", days = 0.5},\n]\n')
    assert read_settings(path).keep == (KeepRule("web", last=1), KeepRule("api", days=0.5))


def test_files_of_other_editors_are_read(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + RULE.replace("\n", "\r\n").encode())
    assert read_settings(path).keep == (KeepRule("web*", last=10),)


@pytest.mark.parametrize(
    ("written", "seconds"), [("24h", 86_400), (" 30 m ", 1800), ("7d", 604_800), ("2w", 1_209_600), ("0s", 0)]
)
def test_a_grace_time_is_a_number_with_its_unit(path: Path, written: str, seconds: float) -> None:
    path.write_text(f'{RULE}grace = "{written}"\n')
    assert read_settings(path).keep[0].grace == seconds


@pytest.mark.parametrize(
    "wrong", ["24", '"24"', '"-1h"', '"1.5h"', '"1 month"', '"h"', '""', "true", '"9999999999s"']
)
def test_a_grace_time_that_is_none_is_told_with_its_line(path: Path, wrong: str) -> None:
    said = 'line 4: grace must be a time with its unit in quotes, such as "24h", "30m" or "7d"'
    assert complaint(path, f"{RULE}grace = {wrong}\n") == said


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1048576", 1_048_576),
        ('"512 B"', 512),
        ('"20 GB"', 20_000_000_000),
        ('"20GB"', 20_000_000_000),
        ('"1 kB"', 1000),
        ('"1 KB"', 1000),
        ('"1 kb"', 1000),
        ('"3 MB"', 3_000_000),
        ('"2 TB"', 2_000_000_000_000),
        ('"4 KiB"', 4096),
        ('"4 MiB"', 4_194_304),
        ('"1.5 GiB"', 1_610_612_736),
        ('"2 TiB"', 2_199_023_255_552),
        ('"1.0000000001 GB"', 1_000_000_000),
    ],
)
def test_a_budget_is_written_as_people_write_sizes(path: Path, written: str, size: int) -> None:
    path.write_text(f"{RULE}budget = {written}\n")
    assert read_settings(path).keep[0].budget == size


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            'repositroy = "a"',
            'keep has no key "repositroy"; it has repository, last, days, all, budget, grace',
        ),
        ('all = "yes"', "all must be true or false, without quotes"),
        ("days = 0", "days must be a number above 0, such as 30"),
        ("days = nan", "days must be a number above 0, such as 30"),
        ("days = inf", "days must be a number above 0, such as 30"),
        ("days = true", "days must be a number above 0, such as 30"),
        (f"days = 1{'0' * 400}", "days must be a number above 0, such as 30"),
        ("days = 2026-01-01", "days must be a number above 0, such as 30"),
        *(
            (
                f"budget = {wrong}",
                f"budget must be {BUDGET}",
            )
            for wrong in (
                "0",
                "-1",
                "1.5",
                "true",
                '"20"',
                '"20 GBit"',
                '"lots"',
                '"0.4 B"',
                '"-3 GB"',
                '"1e3 B"',
            )
        ),
    ],
)
def test_a_wrong_key_or_value_is_told_with_its_line_and_what_is_right(
    path: Path, line: str, cause: str
) -> None:
    assert complaint(path, f"# rules\n{RULE}{line}\n") == f"line 5: {cause}"


@pytest.mark.parametrize("wrong", ["0", "-3", "1.5", '"10"', "true", "[10]"])
def test_a_number_of_versions_is_a_whole_one_from_1_on(path: Path, wrong: str) -> None:
    said = complaint(path, f'[[keep]]\nrepository = "web"\nlast = {wrong}\n')
    assert said == "line 3: last must be a whole number from 1 on, such as 10"


@pytest.mark.parametrize("wrong", ['""', "3", '["web"]'])
def test_a_repository_is_a_name_or_a_pattern(path: Path, wrong: str) -> None:
    said = complaint(path, f"[[keep]]\nlast = 1\nrepository = {wrong}\n")
    assert said == 'line 3: repository must be a name or a pattern in quotes, such as "web*"'


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("last = 1", 'this keep rule needs a repository, such as repository = "web*"'),
        ('repository = "a"', "this keep rule keeps nothing: add last, days or all = true"),
        ('repository = "a"\nall = false', "this keep rule keeps nothing: add last, days or all = true"),
        (
            'repository = "a"\nbudget = "1 GB"',
            "a budget limits what a rule keeps, and this one keeps nothing: add last, days or all = true",
        ),
    ],
)
def test_a_rule_that_lacks_something_is_told_with_the_line_where_it_begins(
    path: Path, body: str, cause: str
) -> None:
    assert complaint(path, f"{RULE}\n[[keep]]\n{body}\n") == f"line 5: {cause}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\nkep = "x"\n', 'line 2: there is no setting "kep"; there are [[keep]], [keys] and [rollback]'),
        ("kep = [[1,\n2]]\n", 'line 1: there is no setting "kep"; there are [[keep]], [keys] and [rollback]'),
        (
            "[keys]\n[theme.dark]\n",
            'line 2: there is no setting "theme"; there are [[keep]], [keys] and [rollback]',
        ),
        ('\n[keep]\nrepository = "a"\n', "line 2: a keep rule begins with [[keep]], in two brackets"),
        ("keep = [\n 3,\n]\n", "line 2: a keep rule is a table: begin it with [[keep]]"),
        (
            "keys = 3\n",
            'line 1: keys must be a table: [keys], and below it lines such as list.sort = "o"',
        ),
        ("[keys]\n\nlist.sort = 3\n", 'line 3: the key of "list.sort" must be in quotes, such as "o"'),
        ('[keys]\n"list.sort" = ["o"]\n', 'line 2: the key of "list.sort" must be in quotes, such as "o"'),
        (
            '[keys]\nlist.sort = "o"\n"list.sort" = "p"\n',
            'line 3: "list.sort" has a key already; take one of the two out',
        ),
    ],
)
def test_what_is_no_setting_is_told_with_its_line(path: Path, text: str, said: str) -> None:
    assert complaint(path, text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[keep]]\nrepository = web\n", "line 2: Invalid value"),
        ("[[keep]\n", "line 1: Expected ']]' at the end of an array declaration"),
        ('[keys]\na = "x"\na = "y"\n', "line 3: Cannot overwrite a value"),
        ('[keys]\n\na = """x\n\nb = "y"\n', "line 3: Unterminated string"),
        ("# rules\nkeep = [\n", "line 2: Invalid value"),
        (f"[keys]\na = {'1' * 5000}\n", "line 2: this value is too long, or nested too deeply"),
        (f"[keys]\na = {'[' * 50_000}\n", "line 2: this value is too long, or nested too deeply"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(path: Path, text: str, said: str) -> None:
    assert complaint(path, text) == f"{said}; correct it, or put # before it"


def test_what_is_no_utf_8_is_told_with_its_line(path: Path) -> None:
    said = complaint(path, b'[keys]\n# caf\xe9\na = "x"\n')
    assert said == "line 2: this is not UTF-8; save the file as UTF-8"


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} cannot be read (Is a directory): see to it, or name another file with IMGTUI_CONFIG"
    )


def test_a_file_without_permission_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "read_bytes", refused)  # a root user would be let in
    with pytest.raises(SettingsError, match=r"cannot be read \(Permission denied\)"):
        read_settings(path)


def test_hostile_names_cannot_reach_the_terminal(path: Path) -> None:
    said = complaint(path, f'"{"long" * 2000}\\u001b[2J\\n" = 1\n')
    assert len(said) < 200
    assert complaint(path, '"\\u001b[2J\\n" = 1\n').startswith('line 1: there is no setting "␛[2J↵"')
    with pytest.raises(SettingsError, match="␛c↵ cannot be read"):
        read_settings(path / "\x1bc\n")


INLINE = 'keep = [\n  # first\n  {repository = "web", last = 1},\n'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (INLINE + '  {repository = "api", lst = 1},\n]\n', "line 4"),
        (INLINE + '  {repository = "api", lst = 1}]\n', "line 4"),
        (INLINE + '  {repository = """\n[[keep]]""", lst = 1}]\n', "line 5"),
        (INLINE + '  {repository = "api", lst = [\n1]},\n]\n', "in [[keep]] number 2"),
        ('keep = [{repository = "web", last = 1}, {lst = 1}]\n', "line 1"),
        ('[[keep]]\nrepository = """\n[[keep]]\nlst = 3\n"""\nlast = 1\nlst = 4\n', "line 7"),
        ("[[keep]]\nrepository = '''\n\"\"\"\nlst = 3\n'''\nlast = 1\nlst = 4\n", "line 7"),
        ('[[keep]]\nrepository = "a" # lst = 3\nlast = 1\n[ keep . "lst" ]\n', "line 4"),
        (RULE + "\n[[ keep ]] # lst = 3\n'l\\st' = 3\n", "line 6"),
        (RULE + '[[keep]]\n"l\\u0073t".x.y = 3\n', "line 5"),
        ('[keys]\nlist = {sort = """\no""", next = 3}\n', "in [keys]"),
    ],
)
def test_the_line_is_right_or_the_table_is_named_however_it_is_written(
    path: Path, text: str, where: str
) -> None:
    assert complaint(path, text).startswith(f"{where}: ")


BEFORE = st.sampled_from(
    [
        "# lst = 1\n",
        "\n",
        RULE,
        "[[ 'keep' ]]\nrepository = '''\n[[keep]]\nlst = 1'''\nall = true\n",
        '[["\\u006beep"]]\nlast = 1_0\nrepository = """a\\\n   \\"""\nlst = 1\n"""\n',
        '[[keep]]\n"repository" = "lst"\ndays = 1e1 # """\n',
    ]
)
WRONG = st.sampled_from(
    [
        "lst = 1",
        "  'lst' = 1",
        '"ls\\u0074" = """\nlst = 1"""',
        "lst.lst = {lst = 1}",
        "lst = [\n'''lst''',\n]",
    ]
)
AFTER = st.sampled_from(
    ['budget = "1 GB"\n', "[[keep]]\nlst = 1\n", "[keep.lst2]\nlst = 1\n", "lst2 = 3\n", "# '''\n"]
)


@given(st.lists(BEFORE, max_size=6), WRONG, AFTER, st.sampled_from(["\n", "\r\n"]))
def test_the_line_of_a_wrong_key_is_the_one_where_it_stands(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], wrong: str, after: str, newline: str
) -> None:
    head = "".join(before) + RULE
    path = tmp_path_factory.getbasetemp() / "config.toml"
    said = complaint(path, f"{head}{wrong}\n{after}".replace("\n", newline))

    assert said.startswith(f'line {len(head.splitlines()) + 1}: keep has no key "lst"')


@given(st.text(alphabet="[]{}='\"\\\n.,#1ak keep lst", max_size=60))
def test_every_file_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text)
    said = ""
    try:
        read_settings(path)
    except SettingsError as error:
        said = str(error)
    assert safe_for_terminal(said)


def test_the_file_is_in_the_configuration_folder_or_where_it_is_said_to_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("IMGTUI_CONFIG", raising=False)
    assert config_file() == tmp_path / "imgtui" / "config.toml"
    monkeypatch.setenv("IMGTUI_CONFIG", "")
    assert config_file() == tmp_path / "imgtui" / "config.toml"
    monkeypatch.setenv("IMGTUI_CONFIG", "/etc/imgtui.toml")
    assert config_file() == Path("/etc/imgtui.toml")
