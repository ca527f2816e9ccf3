"""Where a web process listens."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, source

WEB = """\
applications:
  app:
    type: '{image}:1'
    web:
      {rest}commands:
        start: {command}
"""


@pytest.mark.parametrize(
    ("command", "place", "fixed"),
    [
        ("next start -p 3000", "3000", "next start -p $PORT"),
        ("npx next start --port=3000", "3000", "npx next start --port=$PORT"),
        ("gunicorn -b 0.0.0.0:8000 app:app", "8000", "gunicorn -b 0.0.0.0:$PORT app:app"),
        ("gunicorn --bind=:8000 app:app", "8000", "gunicorn --bind=:$PORT app:app"),
        ("poetry run uvicorn app:app --port 8000", "8000", "poetry run uvicorn app:app --port $PORT"),
        ("gunicorn -b '[::]:8000' app:app", None, None),
        ("sh -c 'next start -p 3000'", "3000", None),
        ("serve -l tcp://0.0.0.0:3000", None, None),
        ("serve -l 3000", "3000", "serve -l $PORT"),
        ("streamlit run a.py --server.port=8501", "8501", "streamlit run a.py --server.port=$PORT"),
        ("flask run -p 5000", "5000", "flask run -p $PORT"),
        ("rails server -p 3000", "3000", "rails server -p $PORT"),
        ("cd web && next start -p 3000", "3000", "cd web && next start -p $PORT"),
        ("next start -p '3000'", None, None),
        ("next start -p", None, None),
        ("next start -p port", None, None),
        ("next start --hostname 0.0.0.0", None, None),
        ("gunicorn -b 0.0.0.0 app:app", None, None),
        ("gunicorn -b unix:/run/app.sock app:app", None, None),
        ("uvicorn a:a --port 3000 & uvicorn b:b --port 3001", None, None),
        ("gunicorn -b unix:$SOCKET app:app", "$SOCKET", None),
        ("gunicorn -b unix:${SOCKET} app:app", "${SOCKET}", None),
        ("gunicorn -b unix:${SOCKET:-/run/a.sock} app:app", None, None),
    ],
)
def test_a_web_process_listens_at_another_place(command: str, place: str | None, fixed: str | None) -> None:
    text = WEB.format(image="python", rest="", command=f'"{command}"')
    found = findings(text, "web-does-not-listen")
    assert [(source(finding.region), finding.severity.label) for finding in found] == (
        [] if place is None else [(place, "warning")]
    )
    after = [apply_fix(text, fix) for finding in found for fix in finding.fixes]
    assert after == ([] if fixed is None else [WEB.format(image="python", rest="", command=f'"{fixed}"')])
    assert not any(fix.safe for finding in found for fix in finding.fixes)


def test_an_escaped_command_is_reported_and_not_changed() -> None:
    (finding,) = findings(
        WEB.format(image="python", rest="", command='"next start\\x20-p 3000"'), "web-does-not-listen"
    )
    assert finding.fixes == ()


def test_a_port_that_a_variable_of_the_application_sets_is_right() -> None:
    rest = "variables: {env: {port: '3000'}}\n      "
    assert findings(WEB.format(image="nodejs", rest=rest, command="next start -p 3000"), "web-does-not-listen") == []


def test_with_a_socket_the_port_becomes_the_socket() -> None:
    text = WEB.format(image="python", rest=UNIX, command="gunicorn -b 0.0.0.0:$PORT app:app")
    (finding,) = findings(text, "web-does-not-listen")
    assert source(finding.region) == "$PORT"
    assert [fix.title for fix in finding.fixes] == ["Listen at `$SOCKET`"]
    assert apply_fix(text, finding) == text.replace("$PORT", "$SOCKET")


def test_only_the_main_command_is_looked_at() -> None:
    text = WEB.format(image="nodejs", rest="", command="node a.js")
    more = "        pre_start: next start -p 3000\n    workers: {w: {commands: {start: next start -p 3000}}}\n"
    assert findings(text + more, "web-does-not-listen") == []


UNIX = "upstream: {socket_family: unix}\n      "


@pytest.mark.parametrize(
    ("image", "rest", "command", "reported"),
    [
        ("python", "", "gunicorn -b 0.0.0.0:$PORT app:app", False),
        ("python", "", "gunicorn -b 0.0.0.0:8888 app:app", False),
        ("python", "", "'gunicorn -b 0.0.0.0:${PORT:-8000} app:app'", False),
        ("python", UNIX, "gunicorn -b unix:$SOCKET app:app", False),
        ("python", UNIX, "gunicorn -b 0.0.0.0:$PORT app:app", True),
        ("python", "", "'api --port 3000 & caddy run --port $PORT'", False),
        ("python", "", "'uvicorn api:app --port 3000 & wait'", False),
        ("python", "", "SOCKET=/run/app.sock; gunicorn -b unix:$SOCKET app:app", False),
        ("php", "", "server -s $SOCKET", False),
        ("nodejs", "", "node server.js --port 3000", False),
        ("nodejs", "locations: {'/': {root: public, passthru: false}}\n      ", "next start -p 3000", False),
        ("nodejs", "locations: {'/': {root: public, passthru: true}}\n      ", "next start -p 3000", True),
    ],
)
def test_only_what_is_sure_to_listen_elsewhere_is_reported(image: str, rest: str, command: str, reported: bool) -> None:
    assert len(findings(WEB.format(image=image, rest=rest, command=command), "web-does-not-listen")) == reported
