"""Each kind of row with its columns: which fields a person may fill in, and what its rows are told apart by."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from lantian.sources.kinds.columns import Column, of_field
from lantian.sources.kinds.words import equipment_kinds, industries, quantities
from lantian.sources.models import (
    Boiler,
    Camera,
    Chp,
    Enterprise,
    Equipment,
    Furnace,
    Gate,
    Line,
    Meter,
    MicroStation,
    OrderRecord,
    Outlet,
    OutletLimit,
    Pair,
    Permit,
    Solvent,
    Work,
)


@dataclass(frozen=True)
class Kind:
    """A kind of row. `same` names the columns that tell rows of one enterprise apart where no code is given; `letter` opens
    codes that are made up; `unique` kinds share one space of codes, because telemetry carries them."""

    name: str
    model: Any
    columns: tuple[Column, ...]
    same: tuple[str, ...] = ()
    letter: str = ""
    unique: bool = False
    by_name: dict[str, Column] = field(init=False, default_factory=dict, hash=False, compare=False)

    def __post_init__(self) -> None:
        self.by_name.update({column.name: column for column in self.columns})

    @property
    def label(self) -> str | Promise:
        label: str | Promise = self.model._meta.verbose_name
        return label

    @property
    def plural(self) -> str | Promise:
        label: str | Promise = self.model._meta.verbose_name_plural
        return label

    @cached_property
    def is_enterprise(self) -> bool:
        return self.model is Enterprise

    @cached_property
    def located(self) -> bool:
        return "lon" in self.by_name


_OVERRIDES: dict[str, dict[str, Any]] = {
    "code": {"reads": "code", "needed": False, "spellings": ("代码", "编号")},
    "credit_code": {"reads": "credit", "spellings": ("统一社会信用代码", "社会信用代码", "信用代码", "组织机构代码")},
    "lon": {
        "reads": "number",
        "unit": "°",
        "least": -180.0,
        "most": 180.0,
        "spellings": ("lng", "经度(°)", "中心经度"),
    },
    "lat": {"reads": "number", "unit": "°", "least": -90.0, "most": 90.0, "spellings": ("纬度(°)", "中心纬度")},
    "rated_kw": {"unit": "kW"},
    "off_kw": {"unit": "kW"},
    "run_kw": {"unit": "kW"},
    "height_m": {"unit": "m"},
    "diameter_m": {"unit": "m"},
    "oxygen": {"unit": "%", "most": 20.99},
    "capacity_th": {"unit": "t/h", "spellings": ("容量", "锅炉容量", "蒸吨")},
    "capacity_mw": {"unit": "MW"},
    "size_m": {"unit": "m"},
    "used_t": {"unit": "t"},
    "low_t": {"unit": "t"},
    "unit_mw": {"unit": "MW"},
    "total_mw": {"unit": "MW"},
    "heated_m2": {"unit": "m2"},
    "share": {"unit": "share", "most": 0.999},
    "lead_minutes": {"unit": "min", "most": 1440.0},
    "lag_minutes": {"unit": "min", "most": 1440.0},
    "phone": {"spellings": ("联系电话", "电话号码", "手机")},
    "contact": {"spellings": ("环保负责人", "联系人姓名")},
    "address": {"spellings": ("企业地址", "生产地址", "详细地址")},
    "industry_code": {"spellings": ("行业代码", "行业类别代码")},
}


def _columns(model: type[models.Model], *names: str, **overrides: dict[str, Any]) -> tuple[Column, ...]:
    made = []
    for name in names:
        field_ = model._meta.get_field(name)
        more = {**_OVERRIDES.get(name, {}), **overrides.get(name, {})}
        made.append(of_field(field_, **more))  # type: ignore[arg-type]
    return tuple(made)


_ENTERPRISE = Column(
    "enterprise", "ref", pgettext_lazy("register", "enterprise"), needed=True, of="enterprise",
    spellings=("企业名称", "企业编码", "企业代码", "单位名称", "统一社会信用代码"),
)  # fmt: skip
_TAIL = ("since", "until", "source", "confidence", "note")
_POINT = ("lon", "lat", "datum")


def _row(model: type[models.Model], *names: str, **overrides: dict[str, Any]) -> tuple[Column, ...]:
    """The columns of a row below an enterprise: whose it is, code, name, its own, and the common end."""
    return (_ENTERPRISE, *_columns(model, "code", "name", *names, *_TAIL, **overrides))


_QUANTITY = {"reads": "word", "choices": quantities()}

KINDS: tuple[Kind, ...] = (
    Kind(
        "enterprise",
        Enterprise,
        _columns(
            Enterprise,
            "code", "name", "name_en", "aliases", "credit_code", "industry", "industry_code", "grade", "area", "town",
            "address", *_POINT, "contact", "phone", "legal_person", "state", "state_since", "scattered", "permit_need", "shift",
            "products",
            "synthetic", "source", "confidence", "note",
            name={"spellings": ("企业名称", "单位名称", "企业", "名称")},
            industry={"reads": "word", "choices": industries(), "spellings": ("行业", "所属行业", "行业类别")},
            area={"reads": "area", "of": "area", "spellings": ("县区", "所在县", "所属县区", "县（市、区）", "区县", "county")},
            town={"reads": "area", "of": "town", "spellings": ("乡镇", "所在乡镇", "街道")},
            grade={"spellings": ("绩效分级", "评级")},
            state={"spellings": ("生产状态", "企业状态", "状态"), "needed": False},
        ),
        letter="E",
        unique=True,
    ),
    Kind("line", Line, _row(Line, "process", "product", "capacity"), same=("name",), letter="L", unique=True),
    Kind(
        "equipment",
        Equipment,
        _row(
            Equipment, "role", "kind", "line", "rated_kw", "off_kw", "run_kw",
            role={"spellings": ("角色", "设备类型", "点位类型")},
            kind={"reads": "word", "choices": equipment_kinds()}, line={"reads": "ref", "of": "line"},
        ),
        same=("name",),
        letter="P",
        unique=True,
    ),
    Kind(
        "pair",
        Pair,
        _row(
            Pair, "production", "treatment", "needs", "lead_minutes", "lag_minutes",
            production={"reads": "refs", "of": "equipment", "needed": True},
            treatment={"reads": "refs", "of": "equipment", "needed": True},
        ),
        same=("production", "treatment"),
        letter="R",
    ),
    Kind(
        "outlet",
        Outlet,
        _row(
            Outlet, "number", "process", "lines", "height_m", "diameter_m", "oxygen", "denitration", "monitored",
            "ammonia_meter",
            lines={"reads": "refs", "of": "line", "needed": False},
        ),
        same=("number",),
        letter="DA",
        unique=True,
    ),
    Kind(
        "limit",
        OutletLimit,
        _row(
            OutletLimit, "outlet", "quantity", "value", "unit", "period", "clause", "ultra_low",
            outlet={"reads": "ref", "of": "outlet"}, quantity=_QUANTITY,
        ),
        same=("outlet", "quantity", "period", "ultra_low", "since"),
        letter="X",
    ),
    Kind(
        "boiler",
        Boiler,
        _row(
            Boiler, "capacity_th", "capacity_mw", "fuel", "purpose", "heat_use", "heated_m2", "low_nox", "installed_on",
            "removed_on", "removal", *_POINT,
        ),
        same=("name", "capacity_th", "installed_on"),
        letter="B",
    ),
    Kind(
        "chp",
        Chp,
        _row(Chp, "units", "unit_mw", "total_mw", "heated_m2", "started_on", *_POINT),
        same=("name",),
        letter="H",
    ),
    Kind(
        "permit",
        Permit,
        _row(Permit, "number", "kind", "authority", "issued_on", "expires_on", "conditions"),
        same=("number", "issued_on"),
        letter="K",
    ),
    Kind(
        "furnace",
        Furnace,
        _row(Furnace, "kind", "fuel", "size_m", "path", "due_on", "done_on", "how", *_POINT),
        same=("kind", "name"),
        letter="F",
    ),
    Kind(
        "work",
        Work,
        _row(Work, "programme", "group", "due_on", "done_on", "proofs"),
        same=("programme", "name"),
        letter="W",
    ),
    Kind(
        "solvent",
        Solvent,
        _row(Solvent, "material", "used_t", "low_t"),
        same=("material", "since", "until"),
        letter="V",
    ),
    Kind("meter", Meter, _row(Meter, "medium", "number", "point", "ratio"), same=("number",), letter="M"),
    Kind("gate", Gate, _row(Gate, "place", "lanes", "connected"), same=("name", "place"), letter="G"),
    Kind("camera", Camera, _row(Camera, "place", "watches", "connected"), same=("name", "place"), letter="C"),
    Kind(
        "micro_station",
        MicroStation,
        _row(MicroStation, "model", "quantities", "connected", *_POINT),
        same=("name",),
        letter="S",
    ),
    Kind(
        "order",
        OrderRecord,
        _row(
            OrderRecord, "kind", "start", "end", "subjects", "share", "document", "issuer",
            subjects={"reads": "refs", "of": "subject", "needed": False},
        ),
        same=("kind", "start", "subjects"),
        letter="O",
    ),
)  # fmt: skip
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_named(name: str) -> Kind:
    """Return a kind; raises KeyError for an unknown one."""
    return _BY_NAME[name]


def kind_of(row: models.Model) -> Kind:
    """Return the kind of a row."""
    return next(kind for kind in KINDS if isinstance(row, kind.model))


__all__ = ["KINDS", "Kind", "kind_named", "kind_of"]
