"""Vaults that an appliance serves, over its API: the same sessions, profiles and tables.

What concerns the whole house (verify, backup, stats) and de-identified exports need the vault itself, or the appliance's own
pages and command line. Importing is for somebody who signed in, not for a program with a token.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _phm
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
from ._json import dumps, loads
from ._records import Person
from ._session import Session, When
from ._table import Table

if TYPE_CHECKING:
    import http.client
    import ssl

__all__ = ["Remote", "connect"]

_COLLECTIONS: Mapping[str, str] = {
    "visit": "visits",
    "condition": "conditions",
    "allergy": "allergies",
    "medication": "medications",
    "dose": "doses",
    "prescription": "prescriptions",
    "lab-result": "lab-results",
    "vital-sign": "vital-signs",
    "immunization": "immunizations",
    "procedure": "procedures",
    "family-history": "family-history",
    "document": "documents",
    "appointment": "appointments",
    "symptom-report": "symptom-reports",
    "message": "messages",
    "care-plan": "care-plans",
    "insurance": "insurance",
    "device": "devices",
    "note": "notes",
    "series": "series",
    "fhir-resource": "fhir-resources",
}

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

_PER_PAGE = 200
_TIMEOUT = 60.0
_PIECE = 1 << 16
# Between two looks at an import that is being done.
_WAIT = 0.2


class _There:
    """The way to a vault that an appliance serves: each call is one request, or one for each page."""

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
        self._host = parts.hostname
        self._prefix = parts.path.rstrip("/") + "/api/v1"
        self._token = token
        self._context = context

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
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", **(more or {})}
        # A connection of its own for each request: calls come from any thread.
        connection: http.client.HTTPConnection
        if self._secure:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=_TIMEOUT, context=self._context or ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT)
        try:
            # What the libraries say may name the path, and with it a person.
            try:
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
            try:
                out = os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
            except FileExistsError:
                text = "there is a file of this name already; choose another one"
                raise Conflict(text, "not-empty") from None
            except OSError:
                raise Io("the file cannot be made", "io") from None
            length, written = response.length, 0
            try:
                with out:
                    while piece := _read(response, _PIECE):
                        written += out.write(piece)
                if length is not None and written != length:
                    raise Io(_TOO_EARLY, "io")
            except BaseException:
                # Half a file is of no use to anybody.
                os.unlink(file)
                raise
            return written

    def call(self, op: str, args: Mapping[str, Any]) -> Any:
        does = getattr(self, f"_do_{op}", None)
        if does is not None:
            return does(dict(args))
        if op in _phm.ops():
            return loads(_phm.call(op, dumps(args)))
        if op in _phm.vault_ops():
            raise Unsupported("this needs the vault itself; open it where it is", "unsupported")
        raise NotFound("there is no such operation", "not-found")

    def _at(self, args: dict[str, Any], *more: str) -> str:
        return "/".join(["/profiles", _part(args.pop("profile")), *(_part(one) for one in more)])

    def _record(self, args: dict[str, Any], *more: str) -> str:
        kind = args.pop("kind", None)
        if kind is None:
            raise Invalid("over the API a record is found by kind and id", "required", [("/kind", "required")])
        if kind == "profile":
            return self._at(args)
        return self._at(args, _collection(kind), args.pop("id"), *more)

    def _do_profiles(self, args: dict[str, Any]) -> Any:
        return self.request("GET", "/profiles")[0]

    def _do_profile(self, args: dict[str, Any]) -> Any:
        for card in self._do_profiles({}):
            if card["profile"] == args["profile"]:
                return card
        raise NotFound("there is no such thing here", "not-found")

    def _do_add_profile(self, args: dict[str, Any]) -> Any:
        _only(args, "body")
        return self.request("POST", "/profiles", body=args["body"])[0]

    def _do_put(self, args: dict[str, Any]) -> Any:
        if args.get("how", "typed") != "typed":
            raise Unsupported("over the API every record counts as typed", "unsupported")
        args.pop("how", None)
        if "id" in args:
            return self._do_amend(args)
        path = self._at(args, _collection(args.pop("kind")))
        return self.request("POST", path, body=args["body"])[0]

    def _do_get(self, args: dict[str, Any]) -> Any:
        removed = "true" if args.pop("removed", False) else None
        return self.request("GET", self._record(args), {"removed": removed})[0]

    def _do_amend(self, args: dict[str, Any]) -> Any:
        return self.request("PUT", self._record(args), body=args["body"], version=args.get("based_on"))[0]

    def _do_remove(self, args: dict[str, Any]) -> Any:
        found = dict(args)
        self.request("DELETE", self._record(args), version=args.get("based_on"))
        found.pop("based_on", None)
        return self._do_get({**found, "removed": True})

    def _do_restore(self, args: dict[str, Any]) -> Any:
        if args.get("version") is not None:
            raise Unsupported("over the API only the newest version comes back; amend the record instead", "unsupported")
        return self.request("POST", self._record(args, "restore"), version=args.get("based_on"))[0]

    def _do_history(self, args: dict[str, Any]) -> Any:
        return self.request("GET", self._record(args, "history"))[0]

    def _do_list(self, args: dict[str, Any]) -> Any:
        removed = "true" if args.pop("removed", False) else None
        return self._page(self._at(args, _collection(args.pop("kind"))), {**args, "removed": removed})

    def _do_timeline(self, args: dict[str, Any]) -> Any:
        return self._page(self._at(args, "timeline"), args)

    def _do_search(self, args: dict[str, Any]) -> Any:
        return self._page(self._at(args, "search"), {"q": args.pop("text"), **args})

    def _do_who_looked(self, args: dict[str, Any]) -> Any:
        return self._page(self._at(args, "audit"), args)

    def _page(self, path: str, args: dict[str, Any]) -> dict[str, Any]:
        """A page as the core cuts it, out of the shorter ones of the API."""
        page, per_page = args.pop("page", 1), args.pop("per_page", 50)
        if "kinds" in args:
            args["kinds"] = ",".join(args["kinds"])
        query = {{"since": "from", "until": "to"}.get(name, name): value for name, value in args.items()}
        items: list[Any] = []
        first, total = (page - 1) * per_page, 0
        number = first // _PER_PAGE + 1
        while True:
            found, meta = self.request("GET", path, {**query, "page": number, "per_page": _PER_PAGE})
            total = meta["pagination"]["total"]
            items += found
            if len(items) >= per_page + first % _PER_PAGE or number * _PER_PAGE >= total:
                skip = first % _PER_PAGE
                return {"items": items[skip : skip + per_page], "total": total, "page": page, "per_page": per_page}
            number += 1

    def _do_add_samples(self, args: dict[str, Any]) -> Any:
        path = self._at(args, "series", args.pop("series"), "samples")
        return self.request("POST", path, body={"samples": args["samples"]})[0]

    def _do_samples(self, args: dict[str, Any]) -> Any:
        path = self._at(args, "series", args.pop("series"), "samples")
        query = {"from": args.get("since"), "to": args.get("until"), "limit": args.get("limit", 100_000)}
        found = self.request("GET", path, query)[0]
        return {"unit": found["unit"], "samples": found["samples"], "next": found.get("next")}

    def _do_buckets(self, args: dict[str, Any]) -> Any:
        path = self._at(args, "series", args.pop("series"), "samples")
        names = {"from": "since", "to": "until", "bucket": "bucket", "zone": "zone"}
        return self.request("GET", path, {name: args.get(given) for name, given in names.items()})[0]

    def _do_appends(self, args: dict[str, Any]) -> Any:
        path = self._at(args, "series", args.pop("series"), "appends")
        return self.request("GET", path, {name: args.get(name) for name in ("before", "limit")})[0]

    def _do_give(self, args: dict[str, Any]) -> Any:
        return self.request("POST", self._at(args, "grants"), body=args["body"])[0]

    def _do_grants(self, args: dict[str, Any]) -> Any:
        return self.request("GET", self._at(args, "grants"))[0]

    def _do_revoke(self, args: dict[str, Any]) -> Any:
        path = self._at(args, "grants", args["id"])
        self.request("DELETE", path)
        return self.request("GET", path)[0]

    def _do_add_document(self, args: dict[str, Any]) -> Any:
        return self.upload(self._at(args, "documents"), args["path"], {"body": dumps(args["body"])})

    def _do_save_document(self, args: dict[str, Any]) -> Any:
        path = self._at(args, "documents", args["id"], "content")
        return {"path": args["path"], "bytes": self.download(path, {}, args["path"])}

    def _do_export(self, args: dict[str, Any]) -> Any:
        """As the core writes it; what it holds is not counted over the API."""
        profile, format, path = args["profile"], args["format"], args["path"]
        self.download(self._at(args, "export"), {"format": format}, path)
        return {"path": path, "profile": profile}

    def _do_import_file(self, args: dict[str, Any]) -> Any:
        """Uploads one file, waits until it was checked, and lets it be done where this is no dry run."""
        paths = [args["path"]] if isinstance(args["path"], str) else args["path"]
        if args.get("owner") is not None or len(paths) != 1 or os.path.isdir(paths[0]):
            raise Unsupported("over the API one file is imported at a time, and owned by the token's account", "unsupported")
        fields = {"profile": args["profile"]} if args.get("profile") is not None else {}
        fields |= {name: "true" for name in ("new_profile", "accept_other_patient") if args.get(name)}
        dry_run = bool(args.get("dry_run"))
        job = self._rests(self.upload("/imports", paths[0], fields))
        if not dry_run and job["state"] == "preview":
            confirm = f"/imports/{_part(job['import'])}/confirm"
            job = self._rests(self.request("POST", confirm)[0])
        counted = ("added", "updated", "unchanged", "older", "conflicts", "skipped")
        return {"dry_run": dry_run, "imports": [job], "totals": {name: job.get(name, 0) for name in counted}}

    def _rests(self, job: dict[str, Any]) -> dict[str, Any]:
        """The import when nothing more happens by itself."""
        import time

        while job["state"] in ("checking", "importing"):
            time.sleep(_WAIT)
            job = self.request("GET", f"/imports/{_part(job['import'])}")[0]
        if job["state"] == "failed":
            error = job.get("error") or {}
            raise Invalid(error.get("message", ""), error.get("code", ""), data=error.get("details"))
        return job

    def _do_imports(self, args: dict[str, Any]) -> Any:
        return self.request("GET", "/imports")[0]

    def _do_undo_import(self, args: dict[str, Any]) -> Any:
        self.request("POST", f"/imports/{_part(args['import'])}/undo")
        return {"import": args["import"], "undone": True}

    def _people(self, query: Mapping[str, Any]) -> list[str]:
        named: list[str] | None = query.get("profiles")
        if named is None:
            return [card["profile"] for card in self._do_profiles({})]
        # Somebody who is named twice has their records once.
        return list(dict.fromkeys(named))

    def _all(self, profile: str, kind: str, query: Mapping[str, Any]) -> list[Any]:
        given = {"code": query.get("codes"), "since": query.get("since"), "until": query.get("until")}
        wanted = {name: value for name, value in given.items() if value is not None}
        path = f"/profiles/{_part(profile)}/{_collection(kind)}"
        found: list[Any] = self._page(path, {**wanted, "sort": "occurred", "per_page": 1 << 62})["items"]
        return found

    def table(self, kind: str, query: Mapping[str, Any]) -> Table:
        records = [record for profile in self._people(query) for record in self._all(profile, kind, query)]
        return Table(_phm.table_of(kind, dumps(records)))

    def samples(self, query: Mapping[str, Any]) -> Table:
        found = []
        for profile in self._people(query):
            for series in self._all(profile, "series", {"codes": query.get("codes")}):
                args = {"profile": profile, "series": series["id"], "until": query.get("until")}
                since = query.get("since")
                while True:
                    page = self._do_samples({**args, "since": since})
                    found.append({"profile": profile, "series": series["id"], **page})
                    since = page["next"]
                    if since is None:
                        break
        return Table(_phm.samples_of(dumps(found)))

    def deidentified(self, kind: str, query: Mapping[str, Any], secret: str | None) -> tuple[Table, Any]:
        raise Unsupported("this needs the vault itself; open it where it is", "unsupported")


def _part(text: str) -> str:
    import urllib.parse

    return urllib.parse.quote(text, safe="")


def _collection(kind: str) -> str:
    if kind not in _COLLECTIONS:
        raise NotFound("there is no such kind of record", "not-found")
    return _COLLECTIONS[kind]


def _only(args: Mapping[str, Any], *known: str) -> None:
    strange = [(f"/{name}", "unsupported") for name in args if name not in known]
    if strange:
        raise Unsupported("over the API this argument is not taken", "unsupported", strange)


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


class Remote:
    """A vault that an appliance serves. It sees what the token's account may see, and no more."""

    def __init__(self, way: _There) -> None:
        self._way = way

    def __repr__(self) -> str:
        return "<phm.Remote>"

    def __enter__(self) -> Remote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Does nothing: no connection is kept."""

    def session(self, purpose: str = "") -> Session:
        """A session; the appliance notes who looked under the token's account."""
        return Session(self._way, purpose)

    def table(
        self,
        kind: str,
        *,
        profiles: Iterable[str | Person] | None = None,
        codes: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
    ) -> Table:
        """The records of one kind as a table; see `Session.table`."""
        return self.session().table(kind, profiles=profiles, codes=codes, since=since, until=until)

    def series(
        self,
        code: str | Iterable[str] | None = None,
        *,
        profiles: Iterable[str | Person] | None = None,
        since: When | None = None,
        until: When | None = None,
    ) -> Table:
        """The samples of every series with this code as a table; see `Session.series`."""
        return self.session().series(code, profiles=profiles, since=since, until=until)


def connect(url: str, token: str, *, context: ssl.SSLContext | None = None) -> Remote:
    """A vault that an appliance serves at `url`, for example `http://localhost:8080`.

    Args:
        url: where the appliance is; over plain http only on this machine or a network you trust.
        token: an access token of its API, or one made for a program (`phm_…`); white space around it does not count.
        context: for https, whom to trust; what the system trusts by default.

    Raises:
        Invalid: the address is none, or the token cannot be one.
        WrongSecret: with the first call, where the token is not known or has ended.
    """
    return Remote(_There(url, token, context))
