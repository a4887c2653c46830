"""The house rules that a syntax tree can show: who touches managers, states and the clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import TextChoices

ROOT = Path(settings.BASE_DIR)
OWN_APPS = ("schools", "courses", "enrollment", "gradebook", "council", "network_portal")
GATED_ROOMS = ("views", "forms", "filters", "tasks", "api")
ROOMS = (*GATED_ROOMS, "enums", "models", "access", "selectors", "services", "documents", "handlers", "urls", "admin")
MANAGERS = {"objects", "_default_manager", "_base_manager"}


def sources() -> list[Path]:
    found = [path for app in OWN_APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    return sorted(found)


def room_of(path: Path) -> str:
    """Return the room a module belongs to; a room that grew is a package of the same name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    depth = 2 if parts[0] == "network_portal" and len(parts) > 2 else 1
    return parts[depth]


def names(tree: ast.AST, wanted: set[str]) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in wanted:
            yield node.lineno


def found_in(rooms: tuple[str, ...], wanted: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if room_of(path) in rooms
        for line in names(ast.parse(path.read_text()), wanted)
    ]


def test_views_forms_tasks_get_objects_only_through_the_gate() -> None:
    assert found_in(GATED_ROOMS, MANAGERS) == []


def test_a_room_that_grew_is_a_package_where_the_rules_see_it() -> None:
    beside = [
        str(path.relative_to(ROOT)) for path in sources() if room_of(path).startswith(tuple(f"{r}_" for r in ROOMS))
    ]
    assert beside == []


def test_the_walk_sees_a_manager_where_there_is_one() -> None:
    assert list(names(ast.parse("Student.objects.all()"), MANAGERS)) == [1]


def test_state_is_assigned_only_by_the_one_door() -> None:
    assigned = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        if path.name != "states.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr == "state"
    ]
    assert assigned == []


def services() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in sources():
        if room_of(path) == "services" and not path.stem.startswith("_"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield path, node


def is_app_service(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] != "network_portal"


def writes(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator) == "transaction.atomic" for decorator in node.decorator_list)


def test_services_take_keyword_arguments_only() -> None:
    positional = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path, node in services()
        if writes(node) and (node.args.args or node.args.posonlyargs)
    ]
    assert positional == []


def test_services_have_a_docstring() -> None:
    assert [f"{path.relative_to(ROOT)}:{node.name}" for path, node in services() if not ast.get_docstring(node)] == []


def test_services_take_the_clock_as_an_argument() -> None:
    clocks = {"now", "today", "localdate", "localtime"}
    inside = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path, node in services()
        if is_app_service(path)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in clocks
        if isinstance(call.func.value, ast.Name) and call.func.value.id in {"timezone", "date", "datetime"}
    ]
    assert inside == []


@pytest.mark.parametrize("app", ["schools", "courses", "enrollment", "gradebook", "council"])
def test_every_audit_verb_has_a_russian_sentence(app: str) -> None:
    verbs: type[TextChoices] = apps.get_app_config(app).module.enums.Verb
    assert [verb.value for verb in verbs if not any("а" <= letter <= "я" for letter in verb.label.lower())] == []


def test_templates_have_no_inline_code_or_style() -> None:
    forbidden = (" style=", "<style", " onclick=", " onchange=", " onsubmit=", "hx-on")
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "documents" not in path.parts]
    inline = [f"{path.relative_to(ROOT)}: {sign}" for path in pages for sign in forbidden if sign in path.read_text()]
    scripts = [str(path.relative_to(ROOT)) for path in pages if "<script>" in path.read_text()]
    assert (inline, scripts) == ([], [])
