import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.engine_api import EngineApi
from tests.bench.keys import encode
from tests.bench.process import usage
from tests.bench.queries import Queries
from tests.bench.screen import Screen
from tests.bench.terminal import TerminalSession
from tests.bench.traffic import EngineProxy, kinds

_SIZE = (60, 12)
_SECONDS = 20.0
_ENVIRONMENT = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
_ANSWER = b"[]\n"


def _python(program: str) -> TerminalSession:
    return TerminalSession([sys.executable, "-c", program], _SIZE, _ENVIRONMENT)


def _shown(session: TerminalSession, text: str) -> bool:
    return session.wait_until(lambda lines: text in "\n".join(lines), _SECONDS) is not None


def _serve(listener: socket.socket) -> None:
    """Answer each request with an empty list, request after request on a connection, until closed."""
    while True:
        try:
            client, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(client,), daemon=True).start()


def _converse(client: socket.socket) -> None:
    with client, client.makefile("rb") as requests:
        while requests.readline():
            length = 0
            while (field := requests.readline()) not in (b"\r\n", b""):
                if field.lower().startswith(b"content-length:"):
                    length = int(field.partition(b":")[2])
            requests.read(length)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(_ANSWER), _ANSWER))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineApi]:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=_serve, args=(listener,), daemon=True)
        thread.start()
        yield EngineApi(f"unix://{path}")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_session_sees_what_a_program_prints_on_a_terminal_of_that_size() -> None:
    with _python("import os; print('size', *os.get_terminal_size(1))") as session:
        assert _shown(session, "size 60 12")


def test_every_byte_is_counted_once_and_stamped_in_order() -> None:
    program = "import os, tty; tty.setraw(1); os.write(1, b'x' * 50_000); os.write(1, b'\\x1b[2J\\x1b[Hend')"
    with _python(program) as session:
        assert session.wait_end(_SECONDS) is not None
        sent = b"".join(output.data for output in session.outputs)
        stamps = [session.started, *(output.at for output in session.outputs)]
    assert sent == b"x" * 50_000 + b"\x1b[2J\x1b[Hend"
    assert stamps == sorted(stamps)
    assert session.screen.lines[0].rstrip() == "end"


def test_a_key_press_reaches_the_program_and_its_answer_comes_after_it() -> None:
    with _python(
        "import tty, sys; tty.setraw(0); print('ready'); print('got', ascii(sys.stdin.read(3)))"
    ) as session:
        assert _shown(session, "ready")
        pressed = session.press("<down>")
        assert _shown(session, r"got '\x1b[B'")
        assert b"got" in b"".join(output.data for output in session.between(pressed))


def test_the_ending_has_the_exit_status_and_a_restored_terminal() -> None:
    with _python("import sys; print('\\x1b[?1049h\\x1b[?25l\\x1b[?1049l\\x1b[?25h'); sys.exit(3)") as session:
        ending = session.wait_end(_SECONDS)
    assert ending is not None
    assert (ending.status, ending.cooked, session.screen.left_on()) == (3, True, [])


def test_a_terminal_left_in_disorder_is_told() -> None:
    with _python("import tty; tty.setraw(0); print('\\x1b[?1049h\\x1b[?1003h\\x1b[?25l')") as session:
        ending = session.wait_end(_SECONDS)
    assert ending is not None
    assert not ending.cooked
    assert session.screen.left_on() == ["alternate screen", "mouse", "cursor hidden"]


def test_leaving_the_session_kills_a_program_that_does_not_end() -> None:
    with _python(
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); print('up'); signal.pause()"
    ) as session:
        assert _shown(session, "up")
        assert usage(session.pid).rss > 0
    assert session.ending is not None
    assert session.ending.status < 0
    assert usage(session.pid).rss == 0


def test_a_query_that_two_reads_cut_in_two_is_answered_once() -> None:
    queries = Queries()
    assert queries.answers(b"text\x1b[?2026") == []
    assert queries.answers(b"$p\x1b[c") == [b"\x1b[?2026;2$y", b"\x1b[?62;22c"]
    assert queries.answers(b"\x1b]11;?\x1b\\") == [b"\x1b]11;rgb:1010/1010/1010\x1b\\"]
    assert queries.answers(b"\x1b[0m plain") == []


def test_the_screen_drops_what_is_not_text_and_repeats_characters() -> None:
    screen = Screen(20, 3)
    for part in (
        b"\x1b[>1ua\x1b[?2026$p\x1b]0;ti",
        b"tle\x07b\x1bPq#\x1b\\c\xe2\x94",
        b"\x80\x1b[3b\x1b[4:3md",
    ):
        screen.feed(part)
    assert screen.lines[0].rstrip() == "abc────d"


def test_cursor_keys_follow_the_mode_the_program_has_set() -> None:
    assert encode("g<down><ctrl+d><lt>") == b"g\x1b[B\x04<"
    assert encode("<down>", application_cursor=True) == b"\x1bOB"
    with pytest.raises(ValueError, match="no such key"):
        encode("<hyper>")


def test_the_proxy_counts_requests_and_the_bytes_of_their_answers(engine: EngineApi) -> None:
    with EngineProxy(engine) as proxy:
        through = EngineApi(proxy.host)
        assert through.images() == []
        through.tag("sha256:" + "0" * 64, "web", "moved")
        through.load(b"0123456789" * 20_000)
        asked = kinds(proxy.requests())
    answer = len(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n") + len(_ANSWER)
    assert asked == {
        "GET /images/json": {"requests": 1, "bytes": answer},
        "POST /images/{id}/tag?repo=web&tag=moved": {"requests": 1, "bytes": answer},
        "POST /images/load?quiet=1": {"requests": 1, "bytes": answer},
    }


def test_a_list_with_a_filter_is_no_full_list(engine: EngineApi) -> None:
    filters = json.dumps({"reference": ["web"]}).replace('"', "%22").replace(" ", "")
    with EngineProxy(engine) as proxy:
        for path in (
            "/v1.51/images/json?all=0",
            f"/images/json?filters={filters}",
            "/images/json?filters={}",
        ):
            EngineApi(proxy.host).request("GET", path)
        assert [request.is_full_list for request in proxy.requests()] == [True, False, True]


def test_a_hung_proxy_answers_nothing_until_it_is_resumed(engine: EngineApi) -> None:
    with EngineProxy(engine) as proxy:
        proxy.hang()
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(0.2)
            client.connect(proxy.host.removeprefix("unix://"))
            client.sendall(b"GET /_ping HTTP/1.1\r\n\r\n")
            with pytest.raises(TimeoutError):
                client.recv(1)
            proxy.resume()
            client.settimeout(_SECONDS)
            assert re.match(rb"HTTP/1\.1 200", client.recv(100))
