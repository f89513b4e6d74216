"""Masks passwords that well-known commands take as an argument without a telling name."""

import re
from functools import cache
from typing import Final

from imgtui.model.safety.shapes import WORD, mask_group

_Command = tuple[tuple[str, ...], str]


def _command(words: str, pattern: str) -> _Command:
    return tuple(words.split()), pattern


_REST: Final = r"[^\n;&|]{0,256}?"
_FLAGS: Final = r"(?:\s+-\S{1,16}(?:\s+\d{1,2}(?=\s))?){1,6}"
_V: Final = rf"(?P<v>{WORD})"

_COMMANDS: Final = (
    _command(
        "-u -user",
        rf"""\s(?:-u|--user|--proxy-user)(?:=|\s{{0,8}})["']?(?!\+|\d+:\d+\b)[^\s:"']{{0,128}}["']?:{_V}""",
    ),
    _command("-u -user", r"""\s(?:-u|--user)(?:=|\s{0,8})["']?(?P<v>[^\s:"'$]{8,128}):(?=["'\s]|\Z)"""),
    _command(
        "-p",
        rf"\b(?:mysql\w{{0,16}}|mariadb[\w-]{{0,16}}|mongo\w{{0,16}}|twine|cypher-shell|sshpass|login){_REST}\s-p\s*{_V}",
    ),
    _command("useradd usermod", rf"\buser(?:add|mod)\b{_REST}\s-p\s*{_V}"),
    _command("7z", rf"\b7z\w{{0,2}}\s{_REST}\s?-p{_V}"),
    _command(
        "-P", rf"\b(?:(?:un)?zip|sqlcmd|bcp|mosquitto_\w{{3}}|ipmitool|openconnect|lpass)\b{_REST}\s-P\s*{_V}"
    ),
    _command("redis-cli", rf"\bredis-cli\b{_REST}\s-a\s+{_V}"),
    _command("requirepass masterauth", rf"\b(?:requirepass|masterauth)\s+{_V}"),
    _command("ldap", rf"\bldap\w{{3,8}}\b{_REST}\s-w\s*{_V}"),
    _command(
        "openssl", rf"\bopenssl\b{_REST}\s-(?:[kK]|pass|passin|passout|password|passwd)\s+(?:pass:)?{_V}"
    ),
    _command("smbclient rpcclient net", rf"""\s-U\s*["']?[^\s%"']{{1,128}}%{_V}"""),
    _command("lftp", rf"""\blftp\b{_REST}\s-u\s*["']?[^\s,"']{{1,128}},{_V}"""),
    _command(
        "htpasswd",
        rf"\bhtpasswd\b(?=[^\n;&|]{{0,64}}?\s-\w{{0,8}}n){_FLAGS}\s+(?!-)\S+\s+{_V}",
    ),
    _command(
        "htpasswd",
        rf"\bhtpasswd\b(?![^\n;&|]{{0,64}}?\s-\w{{0,8}}n){_FLAGS}\s+(?!-)\S+\s+\S+\s+{_V}",
    ),
    _command("rabbitmqctl", rf"\brabbitmqctl\b{_REST}\s(?:add_user|change_password)\s+\S+\s+{_V}"),
    _command("vault", rf"\bvault\s+(?:login|(?:operator\s+)?unseal|auth)\s+(?!-){_V}"),
    _command("mc", rf"\bmc\s+(?:alias\s+set|config\s+host\s+add)\s+\S+\s+\S+\s+(?P<v>{WORD}\s+{WORD})"),
    _command("http-basic", rf"\bhttp-basic\.\S{{1,256}}\s+\S{{1,256}}\s+{_V}"),
    _command("sqlplus", r"\bsqlplus\b[^\n;&|]{0,256}?\s[\w.$-]{1,64}/(?P<v>[^\s@]{1,256})"),
    _command("net", rf"\bnet\s+user\s+[^\s/]\S{{0,64}}\s+(?!/){_V}"),
    _command("assword ASSWORD", rf"(?i:\blogin\s+\S{{1,128}}\s+password\s+|\bPASSWORD\s+(?=\\?['\"])){_V}"),
    _command("BY by", rf"(?i:\bIDENTIFIED\s+(?:WITH\s+\S{{1,64}}\s+)?BY\s+){_V}"),
    _command(
        "chpasswd",
        r"""["'\s][\w.-]{1,64}:(?P<v>[^\s|]{1,256})\s{0,16}\|\s{0,16}(?:sudo\s)?\s{0,16}chpasswd""",
    ),
    _command(
        "echo printf",
        rf"\b(?:echo|printf)\s+(?:-\w\s+)?{_V}\s{{0,16}}\|[^\n;&|]{{0,256}}"
        r"(?:--(?:(?:password-)?stdin|with-token)\b|\bsudo\s+(?:-\w+\s+)?-S\b|\bkinit\b)",
    ),
    _command("stdin", rf"--(?:password-)?stdin\s*<<<\s*{_V}"),
)
"""Passwords that well-known commands take without a telling name; each with words of which one is there."""


def mask_commands(text: str) -> str:
    """Mask passwords that well-known commands take as an argument without a telling name."""
    for words, pattern in _COMMANDS:
        for word in words:
            if word in text:
                text = _compiled(pattern).sub(mask_group, text)
                break
    return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)
