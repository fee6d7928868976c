"""Imports run one way: between the apps, and from floor to floor inside the larger ones."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_IMPORT = {
    "cooperation": set(),
    "agreements": {"cooperation"},
    "actions": {"cooperation", "agreements"},
    "workgroup": {"cooperation", "agreements", "actions"},
    "communes": {"cooperation", "agreements", "actions"},
    "reports": {"cooperation", "agreements", "actions", "workgroup", "communes"},
}
# The floors of an app, lowest first; modules of one floor may import each other, none a higher one.
# A room (package) is named by its folder, "*" is every other module of the app.
FLOORS = {
    "cooperation": [
        {"values", "style", "processes"},
        {"roles", "uploads"},
        {"records"},
        {"models"},
        {"journal", "caching", "jobs", "auth", "demo"},
        {"lists"},
        {"entry"},
        {"importing"},
        {"rest"},
        {"*"},
        {"urls", "wsgi"},
    ],
    "reports": [
        {"facts", "prose", "maps", "drawing", "tiles"},
        {"models"},
        {"pdf", "opendata", "spreadsheets", "overview", "searches", "boundaries"},
        {"publishing", "forms"},
        {"formats", "accords"},
        {"making"},
        {"*"},
    ],
}
# The one module whose work is to know every app.
EXEMPT = {"cooperation/urls.py"}
# What only declares: all that runs tests it. (Commands are a few lines around what a module holds.)
DECLARES = {"cooperation/settings.py", "cooperation/urls.py", "workgroup/urls.py"}
# Imports inside a function: what is slow or may be missing, and what Django wants late.
LATE = {
    "reports/pdf/rendering.py",
    "actions/apps.py",
    "reports/apps.py",
    "cooperation/accounts/other_sites.py",
}


def modules(app):
    return sorted((ROOT / app).rglob("*.py"))


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_modules(path):
    """Dotted names of all that a file imports: of `from a import b`, both "a" and "a.b"."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_imports_go_one_way(app):
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[app] - {app}
    for path in modules(app):
        name = path.relative_to(ROOT).as_posix()
        if name not in EXEMPT:
            apps = {module.split(".")[0] for module in imported_modules(path)}
            assert not forbidden & apps, name


def floor_of(app, module):
    """The place in FLOORS of "cooperation.rest.reading"; None for the app itself or its migrations."""
    parts = module.split(".")
    if len(parts) < 2 or parts[1] == "migrations":
        return None
    floors = FLOORS[app]
    named = [place for place, rooms in enumerate(floors) if parts[1] in rooms]
    if named:
        return named[0]
    is_module = (ROOT / app / parts[1]).is_dir() or (ROOT / app / f"{parts[1]}.py").exists()
    return next(p for p, rooms in enumerate(floors) if "*" in rooms) if is_module else None


@pytest.mark.parametrize("app", FLOORS)
def test_no_room_imports_a_higher_one(app):
    for path in modules(app):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        own = floor_of(app, name)
        # What Django runs last (apps.py) connects whatever is there.
        if own is None or name.endswith(".apps"):
            continue
        for module in imported_modules(path):
            other = floor_of(app, module) if module.startswith(f"{app}.") else None
            assert other is None or other <= own, f"{name} imports {module}, of a higher floor"


def test_values_know_no_record():
    for path in modules("cooperation/values"):
        names = {m for m in imported_modules(path) if m.startswith("cooperation.")}
        assert all(name.startswith("cooperation.values") for name in names), path.name


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_no_circle_of_modules(app):
    """A module that imports another is not imported by it, however long the way round."""
    names = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path
        for path in modules(app)
    }
    arrows = {name: {m for m in imported_modules(p) if m in names} for name, p in names.items()}
    state = {}

    def visit(name, way):
        state[name] = "open"
        for other in arrows[name] - {name}:
            assert state.get(other) != "open", " → ".join([*way, name, other])
            if other not in state:
                visit(other, [*way, name])
        state[name] = "done"

    for name in names:
        if name not in state:
            visit(name, [])


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_no_function_imports(app):
    for path in modules(app):
        name = path.relative_to(ROOT).as_posix()
        functions = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef)]
        late = [
            n for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        assert not late or name in LATE, name


def test_each_module_that_holds_rules_has_its_test_module():
    """Who changes a rule finds its tests under the same name."""
    without = [
        name
        for app in MAY_IMPORT
        for path in modules(app)
        if "migrations" not in path.parts
        and "commands" not in path.parts
        and (name := path.relative_to(ROOT).as_posix()) not in DECLARES
        and len(path.read_text(encoding="utf-8").splitlines()) > 120
        and not (ROOT / "tests" / path.relative_to(ROOT).with_name(f"test_{path.name}")).exists()
    ]
    assert not without


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_public_functions_say_what_they_return(app):
    """Of modules and of classes; what is nested in a function is that function's own affair."""

    def silent(node, path):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.FunctionDef):
                if not inner.name.startswith("_") and inner.returns is None:
                    yield f"{path.relative_to(ROOT)}:{inner.lineno} {inner.name}"
            else:
                yield from silent(inner, path)

    paths = [path for path in modules(app) if "migrations" not in path.parts]
    assert not [name for path in paths for name in silent(tree_of(path), path)]
