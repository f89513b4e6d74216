import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtui.model.core.digest import digest_fault, digest_from, is_digest, is_identifier, short

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize("digest", [f"sha256:{HEX}", f"sha384:{HEX}{HEX[:32]}", f"sha512:{HEX}{HEX}"])
def test_a_digest_of_a_known_algorithm_is_one(digest: str) -> None:
    assert is_digest(digest)
    assert digest_from(digest) == digest


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "algorithm, a colon"),
        (HEX, "algorithm, a colon"),
        ("sha256:", "algorithm, a colon"),
        ("sha256:badbadbadbad", "at least 32"),
        (f":{HEX}", "algorithm, a colon"),
        (f"sha256:{HEX}\n", "algorithm, a colon"),
        (f"sha256:{HEX[:-1]}g", "algorithm, a colon"),
        (f"sha256:{HEX[:-1]}", "has 64 hexadecimal digits, this one has 63"),
        (f"sha256:{HEX}00", "this one has 66"),
        (f"sha512:{HEX}", "has 128"),
        (f"sha256:{HEX.upper()}", "lowercase"),
        (f"md5:{HEX[:32]}", "not one of sha256"),
        (f"SHA256:{HEX}", "not one of sha256"),
        (f"sha256+b64:{HEX}", "not one of sha256"),
    ],
)
def test_the_fault_of_a_malformed_digest_is_told(text: str, cause: str) -> None:
    assert not is_digest(text)
    assert cause in (digest_fault(text) or "")


def test_a_bare_image_id_stands_for_its_sha256_digest() -> None:
    assert digest_from(HEX) == f"sha256:{HEX}"
    assert digest_from(HEX[:12]) is None
    assert digest_from("web") is None
    assert not is_identifier(HEX.upper())
    assert not is_identifier(HEX + "\n")


@pytest.mark.parametrize(
    ("digest", "shown"),
    [
        (f"sha256:{HEX}", "0123456789ab"),
        (HEX, "0123456789ab"),
        (f"sha512:{HEX}{HEX}", "sha512:0123456789ab"),
        (f"blake3:{HEX}", "blake3:0123456789ab"),
        ("web:latest", "web:latest"),
        ("0123456789ab", "0123456789ab"),
        ("", ""),
    ],
)
def test_a_digest_is_shortened_and_only_sha256_goes_without_saying(digest: str, shown: str) -> None:
    assert short(digest) == shown


def test_the_number_of_digits_can_be_chosen() -> None:
    assert short(f"sha256:{HEX}", 7) == "0123456"


@given(st.text())
def test_no_text_breaks_the_helpers(text: str) -> None:
    assert is_digest(text) == (digest_fault(text) is None)
    assert len(short(text)) <= len(text)
