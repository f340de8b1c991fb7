"""The signatures agree with RFC 4231 (section 4), which gives seven test cases for HMAC-SHA-256."""

import pytest
from webhooks.service import sign, verify

TRUNCATED = 32  # hex digits: test case 5 gives the first 128 bits only
CASES = [
    pytest.param(
        b"\x0b" * 20,
        b"Hi There",
        b"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        id="1",
    ),
    pytest.param(
        b"Jefe",
        b"what do ya want for nothing?",
        b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        id="2, a key shorter than the output",
    ),
    pytest.param(
        b"\xaa" * 20,
        b"\xdd" * 50,
        b"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        id="3, key and data longer than 64 bytes together",
    ),
    pytest.param(
        bytes(range(1, 26)),
        b"\xcd" * 50,
        b"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        id="4, the same",
    ),
    pytest.param(
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        b"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        id="6, a key longer than a block",
    ),
    pytest.param(
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. "
        b"The key needs to be hashed before being used by the HMAC algorithm.",
        b"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        id="7, key and data longer than a block",
    ),
]


@pytest.mark.parametrize(("key", "data", "signature"), CASES)
def test_a_signature_is_that_of_rfc_4231(key, data, signature):
    assert sign(key, data) == signature
    assert verify(key, data, signature)


def test_the_truncated_signature_of_rfc_4231_is_how_ours_begins_and_not_enough():
    key, data = b"\x0c" * 20, b"Test With Truncation"

    signature = sign(key, data)

    assert signature[:TRUNCATED] == b"a3b6167473100ee06e0c796c2955552b"
    assert not verify(key, data, signature[:TRUNCATED])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda signature: signature.upper(), id="upper case"),
        pytest.param(lambda signature: signature + b"0", id="longer"),
        pytest.param(lambda signature: bytes.fromhex(signature.decode()), id="not in hex"),
        pytest.param(lambda _: b"\xff" * 64, id="not ASCII"),
    ],
)
def test_any_other_signature_is_wrong(change):
    assert not verify(b"Jefe", b"data", change(sign(b"Jefe", b"data")))
