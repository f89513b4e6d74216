"""Which names of variables, labels, build arguments, flags and keys look as if they held a secret.

Masking too much costs a look (the value is shown when asked for), masking too little gives a password away:
where a name could be either, it is a secret.
"""

import re
from functools import lru_cache
from typing import Final

_SECRET_WORD: Final = re.compile(
    r"auth|authentication|authorization|bearer|connstr|cookies|creds?|csrf|cv[cv]|dsn|jwt|keys?|mnemonic"
    r"|netrc|otp|passcode|passkey|pat|pepper|pin|pincode|psw|pswd|pw|salt|sessid|sig|signatures?|ssn|totp"
    r"|unseal|webhook|xsrf|.*(?:auth|cookie|pass|pwd)"
    r"|(?!.*tokeni[sz]).*token.*"
)
_SECRET_ANYWHERE: Final = re.compile(
    r"(?:access|account|api|app|application|auth|client|database|db|deploy|encryption|hmac|master|priv"
    r"|private|rsa|service|shared|signing|ssh|ssl|tls)key"
    r"|(?:backup|recovery|rescue|scratch)code|(?:backup|recovery|seed)(?:phrase|words)"
    r"|connectionstring|contrase|credential|keypass|passphrase|passw(?:or)?d|secret|sessionid|sessid|unsealkey"
)
_NO_PASSWORD: Final = frozenset({"bypass", "compass", "encompass", "overpass", "surpass", "underpass"})
_PUBLIC_KEYS: Final = frozenset({"fetch", "gpg", "host", "openpgp", "pgp", "pub", "public", "recv"})

_HARMLESS: Final = frozenset({"pwd", "oldpwd", "pinpriority"})
"""The working directory of a shell, not a password; a field of apt's preferences."""
_OF_APT: Final = "Pin"

_CHUNK: Final = re.compile(r"[A-Za-z0-9]+")
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONGEST_CACHED: Final = 256


def looks_secret(name: str) -> bool:
    """Tell whether a name looks as if its value were a secret.

    Words are told apart by `_`, `-`, `.`, other punctuation, digits and camelCase. A key is a secret unless
    it is said to be public; `GPG_KEY` is public too: official images name there the release key that they
    verify with.
    """
    return _looks_secret_cached(name) if len(name) <= _LONGEST_CACHED else _looks_secret(name)


def _looks_secret(name: str) -> bool:
    chunks = _CHUNK.findall(name)
    joined = "".join(chunks).lower()
    if joined in _HARMLESS or name == _OF_APT:
        return False
    if _SECRET_ANYWHERE.search(joined) is not None:
        return True
    words = [word.lower() for chunk in chunks for word in _CAMEL.findall(chunk)]
    letters = [chunk.rstrip("0123456789").lower() for chunk in chunks]
    return _has_secret_word(words) or _has_secret_word(letters)


_looks_secret_cached: Final = lru_cache(maxsize=8192)(_looks_secret)


def _has_secret_word(words: list[str]) -> bool:
    for before, word in zip(["", *words], words, strict=False):
        if word in {"key", "keys"} and before in _PUBLIC_KEYS:
            continue
        if word not in _NO_PASSWORD and _SECRET_WORD.fullmatch(word) is not None:
            return True
    return False
