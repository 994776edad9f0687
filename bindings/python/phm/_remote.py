"""Vaults that an appliance serves, over its API: the same sessions, profiles and tables.

What concerns the whole house (verify, backup, stats) is for whoever holds the vault's secret: the appliance makes backups and
tries them out by itself, and its command line does both while it serves. A table without names needs the vault itself; the
export (`Session.export_deidentified`) does not. Importing is for somebody who signed in, not for a program with a token.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

from . import _phm
from ._errors import Denied, Invalid, Io, NotFound, Unsupported
from ._given import When
from ._http import Appliance, new_file, part
from ._json import dumps, loads
from ._records import Person
from ._session import Session
from ._table import Table

if TYPE_CHECKING:
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

_PER_PAGE = 200
# Between two looks at an import that is being done.
_WAIT = 0.2


class _There(Appliance):
    """The way to a vault that an appliance serves: each call is one request, or one for each page."""

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
        return "/".join(["/profiles", part(args.pop("profile")), *(part(one) for one in more)])

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
        if args["kind"] == "profile":
            found = self._all(args["profile"], "profile", {**args, "codes": args.get("code")})
            return {"items": found, "total": len(found), "page": 1, "per_page": args.get("per_page", 50)}
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

    def _do_export_deidentified(self, args: dict[str, Any]) -> Any:
        """As the core writes it, person by person, each with the same secret and in an order that follows from it."""
        import hmac
        import secrets

        secret, path = args.get("secret"), args["path"]
        if secret is None:
            secret = secrets.token_hex(32)
        body = {name: args[name] for name in ("codes", "since", "until") if args.get(name) is not None}
        people = self._people(args)
        people.sort(key=lambda one: hmac.digest(secret.encode(), one.encode(), "sha256"))
        total: dict[str, Any] = {"people": 0, "records": 0, "samples": 0, "removed": {}, "moved": 0, "left_out": {}}
        with new_file(path) as out:
            for one in people:
                try:
                    self._without_names(one, {**body, "secret": secret}, out, total)
                except Denied:
                    # Everybody stands for those who may be taken out; whoever is named has to be.
                    if args.get("profiles") is not None:
                        raise
        return {"path": path, "report": total}

    def _without_names(self, profile: str, body: dict[str, Any], out: BinaryIO, total: dict[str, Any]) -> None:
        """Writes what is left of one person, and adds what went to `total`."""
        last = b""
        for line in self.lines(f"/profiles/{part(profile)}/export/deidentified", body):
            if last:
                out.write(last + b"\n")
            last = line
        said = loads(last.decode()) if last else {}
        if said.get("kind") != "report":
            raise Io("the answer ended too early; try again", "io")
        for name, found in said["report"].items():
            if isinstance(found, dict):
                counted = total.setdefault(name, {})
                for what, times in found.items():
                    counted[what] = counted.get(what, 0) + times
            else:
                total[name] = total.get(name, 0) + found

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
            confirm = f"/imports/{part(job['import'])}/confirm"
            job = self._rests(self.request("POST", confirm)[0])
        counted = ("added", "updated", "unchanged", "older", "conflicts", "skipped")
        return {"dry_run": dry_run, "imports": [job], "totals": {name: job.get(name, 0) for name in counted}}

    def _rests(self, job: dict[str, Any]) -> dict[str, Any]:
        """The import when nothing more happens by itself."""
        import time

        while job["state"] in ("checking", "importing"):
            time.sleep(_WAIT)
            job = self.request("GET", f"/imports/{part(job['import'])}")[0]
        if job["state"] == "failed":
            error = job.get("error") or {}
            raise Invalid(error.get("message", ""), error.get("code", ""), data=error.get("details"))
        return job

    def _do_imports(self, args: dict[str, Any]) -> Any:
        return self.request("GET", "/imports")[0]

    def _do_undo_import(self, args: dict[str, Any]) -> Any:
        self.request("POST", f"/imports/{part(args['import'])}/undo")
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
        if kind == "profile":
            # One for each person, which has no code and did not occur at any time.
            return [] if wanted or query.get("status") else [self.request("GET", f"/profiles/{part(profile)}")[0]]
        path = f"/profiles/{part(profile)}/{_collection(kind)}"
        found: list[Any] = self._page(path, {**wanted, "sort": "occurred", "per_page": 1 << 62})["items"]
        return found

    def _each(self, kind: str, query: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
        """The records of `kind` that `asked` asks for, person by person."""
        for profile in self._people(query):
            try:
                found = self._all(profile, kind, asked)
            except Denied:
                # Everybody stands for those of whom the kind may be seen; whoever is named has to be among them.
                if query.get("profiles") is not None:
                    raise
                continue
            yield profile, found

    def table(self, kind: str, query: Mapping[str, Any]) -> Table:
        records = [record for _, found in self._each(kind, query, query) for record in found]
        return Table(_phm.table_of(kind, dumps(records)))

    def samples(self, query: Mapping[str, Any]) -> Table:
        found = []
        for profile, every in self._each("series", query, {"codes": query.get("codes")}):
            for series in every:
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
        raise Unsupported("over the API there is the export without names, and no table; open the vault itself", "unsupported")


def _collection(kind: str) -> str:
    if kind not in _COLLECTIONS:
        raise NotFound("there is no such kind of record", "not-found")
    return _COLLECTIONS[kind]


def _only(args: Mapping[str, Any], *known: str) -> None:
    strange = [(f"/{name}", "unsupported") for name in args if name not in known]
    if strange:
        raise Unsupported("over the API this argument is not taken", "unsupported", strange)


class Remote:
    """A vault that an appliance serves. It sees what the token's account may see, and no more."""

    def __init__(self, way: _There) -> None:
        self._way = way

    def __repr__(self) -> str:
        return "<phm.Remote>"

    def __reduce__(self) -> Any:
        raise TypeError("a pickle would hold the token as it is; connect again in the other process")

    def __enter__(self) -> Remote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Does nothing: no connection is kept."""

    def session(self, purpose: str = "") -> Session:
        """A session; the appliance notes who looked, under the token's account, and why.

        Args:
            purpose: why, in a few words; the people concerned read it. Without one it is noted as care.
        """
        return Session(self._way.with_purpose(purpose), purpose)

    def table(
        self,
        kind: str,
        *,
        profiles: Iterable[str | Person] | None = None,
        codes: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
        purpose: str = "analysis",
    ) -> Table:
        """The records of one kind as a table; see `Session.table`."""
        return self.session(purpose).table(kind, profiles=profiles, codes=codes, since=since, until=until)

    def series(
        self,
        code: str | Iterable[str] | None = None,
        *,
        profiles: Iterable[str | Person] | None = None,
        since: When | None = None,
        until: When | None = None,
        purpose: str = "analysis",
    ) -> Table:
        """The samples of every series with this code as a table; see `Session.series`."""
        return self.session(purpose).series(code, profiles=profiles, since=since, until=until)


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
