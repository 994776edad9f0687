"""Vaults that an appliance serves, over its API: the same sessions, profiles and tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _phm
from ._errors import (
    Busy,
    Conflict,
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
    409: Conflict,
    413: TooLarge,
    422: Invalid,
    428: Invalid,
    429: Busy,
    501: Unsupported,
    503: Locked,
}

_PER_PAGE = 200
_TIMEOUT = 60.0


class _There:
    """The way to a vault that an appliance serves: each call is one request, or one for each page."""

    def __init__(self, base: str, token: str, context: ssl.SSLContext | None) -> None:
        import urllib.parse

        parts = urllib.parse.urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid("the address is like http://localhost:8080", "invalid-url")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._prefix = parts.path.rstrip("/") + "/api/v1"
        self._token = token
        self._context = context

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        version: int | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """The data of an answer, and its `meta`."""
        # Only who connects waits for these to be loaded.
        import http.client
        import ssl
        import urllib.parse

        wanted = {name: value for name, value in (query or {}).items() if value is not None}
        target = self._prefix + path + ("?" + urllib.parse.urlencode(wanted, doseq=True) if wanted else "")
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        content = None
        if body is not None:
            content, headers["Content-Type"] = dumps(body).encode(), "application/json"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        # A connection of its own for each request: calls come from any thread.
        connection: http.client.HTTPConnection
        if self._secure:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=_TIMEOUT, context=self._context or ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT)
        try:
            connection.request(method, target, content, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            # What the library says may name the address, and with it a person.
            raise Io("the appliance does not answer; check its address", "io") from error
        finally:
            connection.close()
        if response.status == 204:
            return None, {}
        try:
            answer = json.loads(text)
        except ValueError:
            raise Internal("the answer is not one of PHM's API; check the address", "internal") from None
        if response.status >= 400:
            raise _refused(response.status, answer)
        return answer["data"], answer.get("meta", {})

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
        return self.request("GET", self._at(args, "series", args.pop("series"), "appends"))[0]

    def _people(self, query: Mapping[str, Any]) -> list[str]:
        return query.get("profiles") or [card["profile"] for card in self._do_profiles({})]

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


def _refused(status: int, answer: Any) -> PhmError:
    error = answer.get("error", {}) if isinstance(answer, dict) else {}
    details = error.get("details")
    places = [(one.get("path", ""), one.get("code", "")) for one in details] if isinstance(details, list) else []
    current = details.get("current_version") if isinstance(details, dict) else None
    of = _STATUS.get(status, Internal)
    return of(error.get("message", ""), error.get("code", ""), places, current)


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
        token: an access token of its API.
        context: for https, whom to trust; what the system trusts by default.

    Raises:
        Invalid: the address is none.
        WrongSecret: with the first call, where the token is not known or has ended.
    """
    return Remote(_There(url, token, context))
