"""Secrets that are known by their shape, whatever the name beside them: in URLs, keys, tokens, webhooks."""

import re
from base64 import b64decode
from typing import Final

from imgtui.model.safety.mask import MASK
from imgtui.model.safety.tokens import mask_tokens

WORD: Final = r"""(?:"(?:\\.|[^"\\])*+"|'[^']*+'|\\.|[^\s"'\\]|["'\\])++"""
"""One word of a shell: quotes hold it together, a quote without its partner is a plain character."""

_URL_WORD: Final = re.compile(r"\S+")
_AUTHORITY_END: Final = re.compile(r"[/?#]")
_PORT: Final = re.compile(r"\d{1,5}(?:[/?#]|\Z)")
_HOST_AND_PORT: Final = re.compile(r"[\w.-]{1,253}:\d{1,5}(?:/|\Z)", re.ASCII)
_DIGEST: Final = re.compile(r"sha\d{3}:[0-9a-f]{64}")
_KEY_AS_USER: Final = "x-oauth-basic"

_URL_SAFE: Final = str.maketrans("-_", "+/")

_PRIVATE_KEY: Final = re.compile(
    r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----).*?"
    r"(?:(-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----)|\Z)",
    re.DOTALL,
)
_ISSUED_TOKEN: Final = re.compile(
    r"\b(?:gh[oprsu]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[a-z]-[\w-]{10,}"
    r"|sk-(?:ant|proj|svcacct|admin|or)-[\w-]{20,}|sk-\w{20,}|A[KS]IA[A-Z0-9]{16}|AIza[\w-]{30,}"
    r"|(?:sk|rk)_(?:live|test)_\w{10,}|whsec_\w{20,}|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,}"
    r"|npm_[A-Za-z0-9]{30,}|dckr_(?:pat|oat)_[\w-]{20,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?)"
)
"""By published prefix, of any length: gitleaks asks for an exact one, and a token may be cut off."""

_HTTP_SCHEME: Final = re.compile(
    r"\b(?:basic\s+(?P<basic>[\w+/-]{4,2048}={0,2})|bearer\s+(?=\S*\d)(?P<v>[\w.~+/-]{16,4096}=*))",
    re.IGNORECASE | re.ASCII,
)
"""What stands in an `Authorization` header, wherever it is; prose has no digits there, or is no base64."""

_WEBHOOK: Final = re.compile(
    r"(?:\bhooks\.(?:slack(?:-gov)?\.com|zapier\.com|chime\.aws)|\.webhook\.office\.com|\bapi\.telegram\.org"
    r"|\boutlook\.office(?:365)?\.com/webhook|\bdiscord(?:app)?\.com/api(?:/v\d{1,3})?/webhooks"
    r"|\bchat\.googleapis\.com|\bmaker\.ifttt\.com|\bwebhook\.site|\boapi\.dingtalk\.com"
    r"|\bopen\.(?:feishu\.cn|larksuite\.com)|\bqyapi\.weixin\.qq\.com|\bhc-ping\.com|\.logic\.azure\.com(?::443)?"
    r"|://[^\s\"'`<>]{1,256}?/(?:web)?hooks?)/(?P<v>[^\s\"'`<>]+)",
    re.IGNORECASE,
)
"""Who knows such an address may post there: what follows the host is the secret."""

_WEBHOOK_WORDS: Final = (
    *("hook", "telegram", "googleapis", "ifttt", "dingtalk", "feishu", "larksuite", "weixin", "hc-ping"),
    "logic.azure",
)

_USER: Final = (
    r"(?!(?:mailto|e-?mail|maintainers?|authors?|contact|sips?|acct|npm|xmpp|from|to|by):)[\w.%+-]{1,64}"
)
_WORD_OF_URL: Final = r"(?P<v>[^\s@/'\"]{1,256})"
_KNOWN_HOST: Final = (
    r"(?!sha\d)(?:[\w-]{1,63}\.){0,8}[\w-]{1,63}"
    r"(?::\d{2,5}\b|(?<=\.com)|(?<=\.net)|(?<=\.org)|(?<=\.io)|(?<=\.dev)|(?<=\.local))(?![\w-])"
)
_BARE_PASSWORDS: Final = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"\b(?:https?|tcp|ssh|s?ftp|git):/{{0,2}}{_USER}:{_WORD_OF_URL}@",
        rf"(?<![\w:.%+-]){_USER}:{_WORD_OF_URL}@(?:tcp|udp|unix)?\(",
        rf"(?<![\w:.%+-]){_USER}:{_WORD_OF_URL}@{_KNOWN_HOST}",
        r"\bjdbc:oracle:\w{1,16}:[^\s/@]{1,64}/(?P<v>[^\s@]{1,256})@",
    )
)
"""Addresses without `://`: `user:password@proxy:3128`, `http:/user:password@h`, `user:password@tcp(db)/`."""


def mask_shapes(text: str) -> str:
    """Mask what is a secret by its shape alone: passwords and hooks in URLs, keys, tokens of services."""
    if "-----BEGIN" in text:
        text = _PRIVATE_KEY.sub(lambda key: f"{key[1]}{MASK}{key[2] or ''}", text)
    if "://" in text:
        text = _mask_urls(text)
    lower = text.lower()
    if any(word in lower for word in _WEBHOOK_WORDS):
        text = _WEBHOOK.sub(mask_group, text)
    if "@" in text:
        for address in _BARE_PASSWORDS:
            text = address.sub(mask_group, text)
    if "basic" in lower or "bearer" in lower:
        text = _HTTP_SCHEME.sub(_mask_scheme, text)
    return mask_tokens(_ISSUED_TOKEN.sub(MASK, text))


def mask_group(found: re.Match[str]) -> str:
    """Return what was found with its group `v` masked."""
    return _mask_span(found, "v")


def _mask_span(found: re.Match[str], group: str) -> str:
    whole, begin = found[0], found.start()
    return whole[: found.start(group) - begin] + MASK + whole[found.end(group) - begin :]


def _mask_scheme(found: re.Match[str]) -> str:
    basic = found["basic"]
    if basic is None:
        return _mask_span(found, "v")
    try:
        told = b64decode(basic.translate(_URL_SAFE).rstrip("=") + "=" * (-len(basic.rstrip("=")) % 4))
    except ValueError:
        return found[0]
    return _mask_span(found, "basic") if b":" in told else found[0]


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
        if at < 0 or "/" in user or "@" in user or not colon:
            return part
        if _PORT.match(part, len(user) + 1) and not _HOST_AND_PORT.match(part, at + 1):
            return part
    if _DIGEST.match(part, at + 1):
        return part  # docker-image://web:1@sha256:…
    user, colon, password = part[:at].partition(":")
    if not colon:
        # An HTTP user without a password is an access token; for SSH it is a plain user name.
        return MASK + part[at:] if scheme.lower().endswith(("http", "https")) else part
    if password == _KEY_AS_USER:
        user = MASK
    return f"{user}:{MASK if password else ''}{part[at:]}"
