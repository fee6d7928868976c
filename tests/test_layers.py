"""Apps import downwards only, and never through a function to get round it."""

import ast
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
# The one module whose work is to know every app.
EXEMPT = {"cooperation/urls.py"}
# Imports inside a function: what is slow or may be missing, and what Django wants late.
LATE = {"reports/pdf/rendering.py", "actions/apps.py", "cooperation/apps.py", "reports/apps.py"}


def modules(app):
    return sorted((ROOT / app).rglob("*.py"))


def imported_apps(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_imports_go_one_way(app):
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[app] - {app}
    for path in modules(app):
        name = path.relative_to(ROOT).as_posix()
        if name not in EXEMPT:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert not forbidden.intersection(imported_apps(tree)), name


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_no_function_imports(app):
    for path in modules(app):
        name = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        late = [
            n for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        assert not late or name in LATE, name
