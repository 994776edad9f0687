"""PHM: encrypted, versioned, consented health records.

    import phm

    with phm.create("vault", passphrase="correct horse battery") as vault:
        print(vault.recovery_code)  # write it down
        session = vault.session("trying it out")
        asha = session.add_profile("Asha Example")
        asha.put("lab-result", {
            "concept": {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4"}]},
            "quantity": {"value": "6.40", "unit": "%"},
            "collected_at": "2026-04-03",
        })
        session.table("lab-result").to_polars()

Everything a session does passes the consent policy and stands in the audit log with its purpose. Decimals are texts, as
they were written; moments are in UTC. Errors are `PhmError`, and carry no name, value or diagnosis.
"""

from ._calc import (
    calculate,
    calculate_columns,
    calculators,
    call,
    columns,
    convert,
    normalise_unit,
    parse_dose,
    statistics,
)
from ._errors import (
    Busy,
    Conflict,
    Corrupt,
    Denied,
    ForkedError,
    InUse,
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
from ._phm import __version__
from ._profile import Profile
from ._records import Person, Record
from ._remote import Remote, connect
from ._session import Session
from ._table import Column, Table
from ._trend import Trend
from ._vault import Vault, create, drill, make_key_file, open, open_backup, restore

__all__ = [
    "Busy",
    "Column",
    "Conflict",
    "Corrupt",
    "Denied",
    "ForkedError",
    "InUse",
    "Internal",
    "Invalid",
    "Io",
    "Locked",
    "NotFound",
    "Person",
    "PhmError",
    "Profile",
    "Record",
    "Remote",
    "Session",
    "Table",
    "TooLarge",
    "Trend",
    "Unsupported",
    "Vault",
    "WrongSecret",
    "__version__",
    "calculate",
    "calculate_columns",
    "calculators",
    "call",
    "columns",
    "connect",
    "convert",
    "create",
    "drill",
    "make_key_file",
    "normalise_unit",
    "open",
    "open_backup",
    "parse_dose",
    "restore",
    "statistics",
]
