"""How the values of one test change over time."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _phm
from ._json import dumps, loads
from ._records import Record

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["Trend", "component"]

# As in the trends of the appliance.
_WITHDRAWN = ("entered-in-error", "cancelled")


class Trend:
    """The values of one test in one unit, oldest first, and what they come to.

    The direction is an ordinary least-squares slope whose 95 % interval lies on one side of zero; one value is no trend.
    Values that cannot be brought into the unit, or that are only plausible in another one, are in `asked` and left out.

    Attributes:
        unit: the unit of all values in UCUM, `None` without values.
        points: `{"at", "value", "comparator"}` each; `value` in `unit`, unrounded.
        statistics: count, least, most, mean, deviation, change in a year with the half width of its 95 % interval
            (`per_year`, `per_year_margin`), `direction`; `None` without values.
        asked: `{"entry", "code"}` each: the place in the values, and why.
        range: what the reports themselves expect, `(low, high)` in `unit`, from the newest value with a range in that unit.
    """

    def __init__(self, answer: dict[str, Any], range: tuple[float | None, float | None] | None = None) -> None:
        self.unit: str | None = answer["unit"]
        self.points: list[dict[str, Any]] = [{**point, "value": float(point["value"])} for point in answer["points"]]
        self.statistics: dict[str, Any] | None = answer["statistics"]
        self.asked: list[dict[str, Any]] = answer["asked"]
        self.range = range

    def __repr__(self) -> str:
        return f"<phm.Trend of {len(self.points)} values>"

    def __len__(self) -> int:
        return len(self.points)

    @classmethod
    def of(cls, records: Sequence[Record], code: str, unit: str | None = None) -> Trend:
        """The trend of records with a `quantity`, or with a component of this code, in any order. Results that were withdrawn
        (`entered-in-error`, `cancelled`) do not count."""
        values, counted = [], []
        for record in records:
            quantity = _measured(record.body, code)
            if quantity is None or not record.occurred:
                continue
            value = quantity.get("comparator", "") + quantity["value"]
            values.append({"value": value, "unit": quantity["unit"], "when": record.occurred})
            counted.append(record)
        asked: dict[str, Any] = {"entries": values, "code": code.rsplit("|", 1)[-1]}
        if unit is not None:
            asked["unit"] = unit
        trend = cls(loads(_phm.call("trend", dumps(asked))))
        trend.range = _range(counted, trend.unit)
        return trend

    def plot(self, ax: matplotlib.axes.Axes | None = None, *, title: str | None = None) -> matplotlib.axes.Axes:
        """Draws the values over time, with the band the newest report expects them in; needs matplotlib."""
        import datetime

        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=(8, 3.5), layout="constrained")
        times = [datetime.datetime.fromisoformat(point["at"].replace("Z", "+00:00")) for point in self.points]
        values = [point["value"] for point in self.points]
        if self.range is not None:
            low, high = self.range
            bottom = min([*values, low if low is not None else high or 0.0]) if low is None else low
            top = max([*values, high if high is not None else low or 0.0]) if high is None else high
            ax.axhspan(bottom, top, color="tab:green", alpha=0.12, label="expected", zorder=0)
        ax.plot(times, values, marker="o", markersize=4, linewidth=1.2, color="tab:blue", label="measured")  # type: ignore[arg-type]
        ax.set_ylabel(self.unit or "")
        if title is not None:
            ax.set_title(title)
        if self.range is not None:
            ax.legend(loc="best", frameon=False)
        return ax

    def save_plot(self, path: str | os.PathLike[str], *, title: str | None = None) -> None:
        """Writes the drawing of `plot` to a file; its ending says in which form."""
        from matplotlib.figure import Figure

        # A figure of its own: what a notebook shows, and where, stays as it is.
        figure = Figure(figsize=(8, 3.5), layout="constrained")
        self.plot(figure.add_subplot(), title=title)
        figure.savefig(path, dpi=120)


def component(body: Mapping[str, Any], code: str) -> dict[str, Any] | None:
    """The amount of the component that has this code, bare or as `system|code`."""
    system, _, bare = code.rpartition("|")
    for part in body.get("components", ()):
        for one in part["concept"].get("codes", ()):
            if one["code"] == bare and system in ("", one.get("system")):
                amount: dict[str, Any] = part["quantity"]
                return amount
    return None


def _measured(body: Mapping[str, Any], code: str) -> dict[str, Any] | None:
    if body.get("status") in _WITHDRAWN:
        return None
    return component(body, code) or body.get("quantity")


def _range(records: Sequence[Record], unit: str | None) -> tuple[float | None, float | None] | None:
    for record in sorted(records, key=lambda record: record.occurred or "", reverse=True):
        expected = record.body.get("range", {})
        bounds = [expected.get(end) for end in ("low", "high")]
        if any(bounds) and all(bound is None or bound["unit"] == unit for bound in bounds):
            low, high = (None if bound is None else float(bound["value"]) for bound in bounds)
            return low, high
    return None
