"""A recorder in a process of its own: records an engine's moves into a state file until it is killed."""

import sys
import threading
from pathlib import Path

from imgtui.engine.connect.endpoint import Endpoint
from imgtui.engine.docker.engine import DockerEngine
from imgtui.operations.protocol.updates import EngineState, Phase, Update
from imgtui.operations.session.session import Session
from imgtui.operations.taglog.recording import Recorder
from imgtui.store.cached.cache import Cache
from imgtui.store.state import State


def main() -> None:
    """Say `live` as soon as everything is followed, and go on."""
    host, path = sys.argv[1], Path(sys.argv[2])
    engine = DockerEngine(Endpoint(host, "-H", None, None, path.parent))
    live = threading.Event()

    def told(update: Update) -> None:
        if isinstance(update, EngineState) and update.phase is Phase.LIVE:
            live.set()

    recorder = Recorder(engine, lambda: State(path))
    Session(engine, Cache(None), host, told, recorder=recorder).start()
    live.wait()
    sys.stdout.write("live\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
