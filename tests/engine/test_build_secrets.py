"""What a build is given in secret is hidden in its log, wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtui.engine.build.rawjson import Hiding
from imgtui.engine.build.secrets import secret_values
from imgtui.model.build.build import Build
from imgtui.model.safety.mask import MASK


def hidden(line: str, build: Build, **environ: str) -> str:
    return Hiding(secret_values(build, environ))(line)


def test_values_of_arguments_are_hidden_where_the_environment_has_them_too() -> None:
    build = Build(".", arguments=("API_TOKEN=typed-here", "NPM_TOKEN", "COLOUR"))
    line = "typed-here and from-there are not blue"
    assert hidden(line, build, NPM_TOKEN="from-there", COLOUR="blue") == f"{MASK} and {MASK} are not blue"


def test_what_stands_in_the_file_of_a_secret_is_hidden_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "npmrc"
    file.write_text("//registry.example/:_authToken=npm_hunter2\n\n# no\nsecond line\n")
    build = Build(".", secrets=(f"id=npm,src={file}",))
    assert hidden("it is npm_hunter2", build) == f"it is {MASK}"
    assert hidden("the second line is said", build) == f"the {MASK} is said"
    assert hidden("no more", build) == "no more"


@pytest.mark.parametrize("option", ["id=NPM", "id=npm,env=NPM", "type=env,id=npm,env=NPM"])
def test_what_stands_in_the_variable_of_a_secret_is_hidden(option: str) -> None:
    assert hidden("it is hunter2!", Build(".", secrets=(option,)), NPM="hunter2") == f"it is {MASK}!"


def test_a_secret_that_is_not_there_hides_nothing(tmp_path: Path) -> None:
    build = Build(".", secrets=(f"id=npm,src={tmp_path}/none", f"id=x,src={tmp_path}", "id=y,env=NONE"))
    assert hidden("as it is", build) == "as it is"
