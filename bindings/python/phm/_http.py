"""Requests to the API of an appliance, and what its answers mean."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from ._errors import (
    Busy,
    Conflict,
    Corrupt,
    Denied,
    Internal,
    Invalid,
    Io,
    Locked,
    NotFound,
    PhmError,
    TooLarge,
    Unsupported,
    WrongSecret,
)
from ._json import dumps

if TYPE_CHECKING:
    import http.client
    import ssl

__all__ = ["Appliance", "new_file", "part"]

_STATUS: Mapping[int, type[PhmError]] = {
    400: Invalid,
    401: WrongSecret,
    403: Denied,
    404: NotFound,
    405: Unsupported,
    409: Conflict,
    413: TooLarge,
    415: Unsupported,
    416: Invalid,
    422: Invalid,
    428: Invalid,
    429: Busy,
    501: Unsupported,
    503: Busy,
}

# By code where the status alone does not tell.
_CODE: Mapping[str, type[PhmError]] = {"locked": Locked, "io": Io, "corrupt": Corrupt, "unsupported": Unsupported}

_TIMEOUT = 60.0
_PIECE = 1 << 16


class Appliance:
    """An appliance and the token that is shown to it: requests with their answers, files on their way in and out."""

    def __init__(self, base: str, token: str, context: ssl.SSLContext | None) -> None:
        import urllib.parse

        try:
            parts = urllib.parse.urlsplit(base)
            self._port = parts.port
        except ValueError:
            raise Invalid("the address is like http://localhost:8080", "invalid-url") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid("the address is like http://localhost:8080", "invalid-url")
        # From a file it comes with the end of its line; what else is no part of a token is told without showing it.
        token = token.strip()
        if not token or not (token.isascii() and token.isprintable()) or " " in token:
            raise Invalid("a token is one word of letters and digits", "invalid-token")
        self._secure = parts.scheme == "https"
        if self._secure and context is None:
            import ssl

            # Once, and not with every request: reading whom the system trusts takes longer than most answers.
            context = ssl.create_default_context()
        self._host = parts.hostname
        self._prefix = parts.path.rstrip("/") + "/api/v1"
        self._token = token
        self._context = context
        self._purpose = b""

    def __reduce__(self) -> Any:
        raise TypeError("a pickle would hold the token as it is; connect again in the other process")

    def with_purpose(self, purpose: str) -> Self:
        """The same appliance, which notes `purpose` with everything that is looked at; without one, that it is for care."""
        way = type(self).__new__(type(self))
        vars(way).update(vars(self))
        # One line of what a header may hold, as long as the audit log takes it.
        words = "".join(" " if letter < " " or letter == "\x7f" else letter for letter in purpose).split()
        way._purpose = " ".join(words)[:200].encode(errors="replace")
        return way

    @contextlib.contextmanager
    def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        content: bytes | Iterable[bytes] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Generator[http.client.HTTPResponse, None, None]:
        """An answer whose content was not read yet."""
        # Only who connects waits for these to be loaded.
        import http.client
        import ssl
        import urllib.parse

        wanted = {name: value for name, value in (query or {}).items() if value is not None}
        target = self._prefix + path + ("?" + urllib.parse.urlencode(wanted, doseq=True) if wanted else "")
        headers: dict[str, str | bytes] = {
            "Authorization": f"Bearer {self._token}", "Accept": "application/json", **(more or {})
        }
        if self._purpose:
            headers["X-Purpose"] = self._purpose
        # A connection of its own for each request: calls come from any thread.
        connection: http.client.HTTPConnection
        if self._secure:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=_TIMEOUT, context=self._context
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT)
        try:
            # What the libraries say may name the path, and with it a person.
            try:
                # What is too large, or not allowed, is answered before all of it was sent.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    connection.request(method, target, content, headers)
                response = connection.getresponse()
            except ssl.SSLError:
                raise Io("the appliance's certificate is not trusted; pass a context that trusts it", "tls") from None
            except (OSError, http.client.HTTPException):
                raise Io("the appliance does not answer; check its address", "io") from None
            yield response
        finally:
            connection.close()

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        version: int | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """The data of an answer, and its `meta`."""
        headers: dict[str, str] = {}
        content = None
        if body is not None:
            content, headers["Content-Type"] = dumps(body).encode(), "application/json"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        with self._asked(method, path, query, content, headers) as response:
            return _answered(response)

    def upload(self, path: str, file: str, fields: Mapping[str, str]) -> Any:
        """Sends a file with fields beside it, piece by piece; the data of the answer."""
        boundary = os.urandom(16).hex()
        # A name that cannot end its own field.
        shown = "".join("_" if letter in '"\\' or not letter.isprintable() else letter for letter in os.path.basename(file))
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        first, last = head.encode(errors="replace"), f"\r\n--{boundary}--\r\n".encode()
        try:
            source = open(file, "rb")
        except OSError:
            raise Io("the file cannot be read", "io") from None
        with source:
            size = os.fstat(source.fileno()).st_size

            def pieces() -> Iterator[bytes]:
                yield first
                left = size
                while left > 0 and (piece := source.read(min(left, _PIECE))):
                    left -= len(piece)
                    yield piece
                yield last

            more = {
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": str(len(first) + size + len(last)),
            }
            with self._asked("POST", path, content=pieces(), more=more) as response:
                return _answered(response)[0]

    def download(self, path: str, query: Mapping[str, Any], file: str) -> int:
        """Writes an answer to the new file `file`, for its owner alone; how many bytes it has."""
        with self._asked("GET", path, query, more={"Accept": "*/*"}) as response:
            if response.status >= 400:
                _answered(response)
            length, written = response.length, 0
            with new_file(file) as out:
                while piece := _read(response, _PIECE):
                    written += out.write(piece)
                if length is not None and written != length:
                    raise Io(_TOO_EARLY, "io")
            return written

    def lines(self, path: str, body: Mapping[str, Any]) -> Iterator[bytes]:
        """The lines of an answer, one after the other as they come; an answer that breaks off is refused."""
        more = {"Content-Type": "application/json", "Accept": "*/*"}
        with self._asked("POST", path, content=dumps(body).encode(), more=more) as response:
            if response.status >= 400:
                _answered(response)
            rest = b""
            while piece := _read(response, _PIECE):
                *whole, rest = (rest + piece).split(b"\n")
                yield from whole
            if rest:
                raise Io(_TOO_EARLY, "io")


@contextlib.contextmanager
def new_file(file: str) -> Generator[BinaryIO, None, None]:
    """The new file `file`, for its owner alone; it goes again where writing it fails, for half a file is of no use."""
    try:
        out = os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
    except FileExistsError:
        raise Conflict("there is a file of this name already; choose another one", "not-empty") from None
    except OSError:
        raise Io("the file cannot be made", "io") from None
    try:
        with out:
            yield out
    except BaseException:
        os.unlink(file)
        raise


def part(text: str) -> str:
    """A text as one part of a path."""
    import urllib.parse

    return urllib.parse.quote(text, safe="")


_TOO_EARLY = "the answer ended too early; try again"


def _read(response: http.client.HTTPResponse, most: int | None = None) -> bytes:
    import http.client

    try:
        return response.read(most)
    except (OSError, http.client.HTTPException):
        raise Io(_TOO_EARLY, "io") from None


def _answered(response: http.client.HTTPResponse) -> tuple[Any, dict[str, Any]]:
    """The data of an answer, and its `meta`; raises what it refuses."""
    text = _read(response)
    if response.status == 204:
        return None, {}
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not ("error" in answer or "data" in answer):
        if response.status >= 500:
            raise Io("the appliance, or what stands before it, is in trouble; try again later", "io")
        raise Internal("the answer is not one of PHM's API; check the address", "internal")
    if response.status >= 400 or "data" not in answer:
        raise _refused(response.status, answer)
    return answer["data"], answer.get("meta") or {}


def _refused(status: int, answer: Mapping[str, Any]) -> PhmError:
    error = answer.get("error")
    error = error if isinstance(error, dict) else {}
    details, code = error.get("details"), str(error.get("code", ""))
    listed = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    places = [(str(one.get("path", "")), str(one.get("code", ""))) for one in listed]
    known = details if isinstance(details, dict) else {}
    of = _CODE.get(code) or _STATUS.get(status, Internal)
    return of(str(error.get("message", "")), code, places, known.get("current_version"), known or None)
