"""`python -m tests.engine.replay.record KIND…`: keep what engines answer to every function."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Final, cast

from tests.engine.replay.calls import VERBS, call_all, engine_at
from tests.engine.replay.server import Recorder, Serving, write
from tests.engines import content
from tests.engines.archives import ArchiveImage, layer
from tests.engines.kinds import Kind
from tests.engines.private import PrivateEngine
from tests.engines.registry import Registry
from tests.verbs.command import call_installed, environment

FOLDER: Final = Path(__file__).parent.with_name("recorded")
SECRET: Final = "MARKED-SECRET-1f8b"
"""A planted secret: never to be seen."""
ESCAPE: Final = "\x1b]0;MARKED-ESCAPE\x07\u202e"
"""A planted escape sequence: never to be written to a terminal."""
MARKED: Final = f"""\
FROM scratch
ARG VERSION
COPY bin /bin
COPY etc /etc
ENV API_TOKEN={SECRET} SHOWN="{ESCAPE}"
LABEL org.opencontainers.image.title="{ESCAPE}" org.opencontainers.image.version=$VERSION
CMD ["sh"]
"""


def record(kind: Kind) -> None:
    """Write the answers of one kind of engine."""
    with PrivateEngine(kind) as engine, Registry() as registry, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = content.build(engine, "replayed:1", version="1", dockerfile=MARKED)
        later = content.build(engine, "replayed:2", version="2", dockerfile=MARKED)
        remote = f"{registry.address}/replayed:1"
        engine.docker("tag", "replayed:1", remote)
        engine.docker("tag", "replayed:1", "replayed:latest")
        container = content.run(
            engine, "replayed", "replayed:latest", "sh", "-c", f"echo '{ESCAPE}'; sleep 1000"
        )
        other = content.create(engine, "replayed-other", "replayed:latest", "sleep", "1000")
        content.load_archive(engine, [ArchiveImage(["spare:1"], [layer({"a": b"1"})])])
        spare = content.dangling(engine, "spare:2")
        engine.docker("network", "create", "replayed")
        names = {
            "image": image, "tag": "replayed:1", "container": container, "other": other, "remote": remote,
            "spare": spare, "later": later, "context": str(folder / "context"),
        }  # fmt: skip
        recorder = Recorder(engine.host)
        with Serving(folder, recorder) as serving:
            made = call_all(engine_at(serving.host, folder), names)
            for words in VERBS.values():
                done = call_installed(environment(folder, serving.host), *words(names))
                if done.returncode:
                    sys.stdout.write(f"{kind}: {done.args}: {done.stderr}")
        for function, error in made.items():
            if isinstance(error, Exception):
                sys.stdout.write(f"{kind}: {function}: {error!r} from {error.__cause__!r}\n")
        names["context"] = ""
        write(FOLDER / f"answers-{kind}.json", recorder.kept.values(), names)
        sys.stdout.write(f"{kind}: {len(recorder.kept)} answers\n")


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        record(cast("Kind", re.sub(r"\W", "-", wanted)))
