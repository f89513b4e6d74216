"""Secrets that are known by their shape, whatever the name beside them: URLs, keys, tokens, commands."""

import re
from typing import Final

from imgtui.model.mask import MASK

WORD: Final = r"""(?:"(?:\\.|[^"\\])*+"|'[^']*+'|\\.|[^\s"'\\]|["'\\])++"""
"""One word of a shell: quotes hold it together, a quote without its partner is a plain character."""

_URL_WORD: Final = re.compile(r"\S+")
_AUTHORITY_END: Final = re.compile(r"[/?#]")
_PORT: Final = re.compile(r"\d{1,5}(?:[/?#]|\Z)")
_KEY_AS_USER: Final = "x-oauth-basic"

_PRIVATE_KEY: Final = re.compile(
    r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----).*?"
    r"(?:(-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----)|\Z)",
    re.DOTALL,
)
_ISSUED_TOKEN: Final = re.compile(
    r"\b(?:gh[oprsu]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[a-z]-[\w-]{10,}"
    r"|sk-(?:ant-|proj-)?\w{20,}"
    r"|npm_[A-Za-z0-9]{30,}|dckr_pat_[\w-]{20,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?)"
)
"""Tokens of GitHub, GitLab, Slack, OpenAI, npm, Docker Hub, and JSON web tokens, by published prefix."""

_COMMANDS: Final = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf"""\s(?:-u|--user|--proxy-user)[ =]?["']?(?!\d+:\d+\b)[^\s:"']{{1,128}}:(?P<v>{WORD})""",
        rf"\b(?:mysql\w{{0,16}}|mariadb[\w-]{{0,16}}|sshpass|login)\b[^\n;&|]{{0,256}}?\s-p\s*(?P<v>{WORD})",
        rf"\bredis-cli\b[^\n;&|]{{0,256}}?\s-a\s+(?P<v>{WORD})",
        r"""["'\s][\w.-]{1,64}:(?P<v>[^\s|]{1,256})\s{0,16}\|\s{0,16}(?:sudo\s)?\s{0,16}chpasswd""",
        rf"\becho\s+(?:-\w\s+)?(?P<v>{WORD})\s{{0,16}}\|[^\n;&|]{{0,256}}--(?:(?:password-)?stdin|with-token)\b",
    )
)
"""Passwords without a telling name: curl, mysql, sshpass, docker login, redis-cli, chpasswd, --stdin."""


def mask_shapes(text: str) -> str:
    """Mask what is a secret by its shape alone: URL passwords, private keys, tokens of known services."""
    if "-----BEGIN" in text:
        text = _PRIVATE_KEY.sub(lambda key: f"{key[1]}{MASK}{key[2] or ''}", text)
    if "://" in text:
        text = _mask_urls(text)
    return _ISSUED_TOKEN.sub(MASK, text)


def mask_commands(text: str) -> str:
    """Mask passwords that well-known commands take as an argument without a telling name."""
    for command in _COMMANDS:
        text = command.sub(_mask_group, text)
    return text


def _mask_group(found: re.Match[str]) -> str:
    whole, begin = found[0], found.start()
    return whole[: found.start("v") - begin] + MASK + whole[found.end("v") - begin :]


def _mask_urls(text: str) -> str:
    return _URL_WORD.sub(lambda word: _mask_url_word(word[0]), text)


def _mask_url_word(word: str) -> str:
    """Mask the user information of each URL in a text without spaces."""
    first, *rest = word.split("://")
    shown = [first]
    for part in rest:
        shown.append(_mask_user_information(part, shown[-1]))
    return "://".join(shown)


def _mask_user_information(part: str, scheme: str) -> str:
    """Mask `user:password@`; the last `@` ends it, also when the password has an unescaped `/`."""
    end = _AUTHORITY_END.search(part)
    at = part.rfind("@", 0, end.start() if end else len(part))
    user, colon, _ = part.partition(":")
    if at < 0:
        at = part.rfind("@")
        if at < 0 or "/" in user or "@" in user or not colon or _PORT.match(part, len(user) + 1):
            return part
    user, colon, password = part[:at].partition(":")
    if not colon:
        # An HTTP user without a password is an access token; for SSH it is a plain user name.
        return MASK + part[at:] if scheme.lower().endswith(("http", "https")) else part
    if password == _KEY_AS_USER:
        user = MASK
    return f"{user}:{MASK if password else ''}{part[at:]}"
