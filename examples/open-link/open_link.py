#!/usr/bin/env python3
"""Opens a link to chosen records without a browser and without any code of PHM.

    open_link.py LINK [--passcode PASSCODE]     asks the house for the ciphertext and prints the records as FHIR
    open_link.py LINK --sealed FILE             the same from an answer of the house that was kept ("-": from stdin)

The key stands behind `#` in the link and is never sent. What the house hands out is a compact JWE (RFC 7516) with the
algorithms `dir` and `A256GCM`, the form of SMART Health Links. Needs the package `cryptography`.
"""

import argparse
import base64
import json
import sys
import urllib.error
import urllib.request

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def part(text):
    """The bytes of one part of a JWE, or of a key in a link: base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def opened(jwe, key):
    """The text that was sealed; raises `ValueError` for what is no such JWE, is damaged, or has another key."""
    pieces = jwe.split(".")
    if len(pieces) != 5 or pieces[1]:
        raise ValueError("this is no compact JWE whose key is its own")
    header, _, nonce, text, tag = pieces
    wanted = {"alg": "dir", "enc": "A256GCM"}
    found = json.loads(part(header))
    if any(found.get(name) != value for name, value in wanted.items()) or "zip" in found:
        raise ValueError("this JWE was made in another way")
    if len(part(key)) != 32 or len(part(nonce)) != 12 or len(part(tag)) != 16:
        raise ValueError("the key, the nonce or the tag has the wrong length")
    try:
        # The header is bound to the text as it travels, not as it reads.
        return AESGCM(part(key)).decrypt(part(nonce), part(text) + part(tag), header.encode("ascii"))
    except InvalidTag:
        raise ValueError("the key does not fit, or the answer was changed") from None


def ask(place, passcode):
    """The answer of the house."""
    body = json.dumps({"passcode": passcode} if passcode else {}).encode()
    request = urllib.request.Request(place, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("link")
    arguments.add_argument("--passcode", default="")
    arguments.add_argument("--sealed", metavar="FILE")
    given = arguments.parse_args()
    place, _, key = given.link.partition("#")
    try:
        if given.sealed == "-":
            answer = sys.stdin.buffer.read()
        elif given.sealed:
            with open(given.sealed, "rb") as file:
                answer = file.read()
        else:
            answer = ask(place, given.passcode)
        sys.stdout.buffer.write(opened(json.loads(answer)["jwe"], key))
    except urllib.error.HTTPError as error:
        sys.exit(f"the house does not open this link: {error.code}")
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"this link was not opened: {error}")


if __name__ == "__main__":
    main()
