"""The floors of docs/architecture.md as rules over the syntax tree; test_layout.py applies them.

problems(library) returns every breach below a library folder as a line of text: imports that run
up, imports that a floor may not have, circles, third-party dependencies, and constructs that the
project keeps out of lib/.
"""

import ast
import sys

# Folder (or module) of the package -> floor. A module directly in the package is floor 0.
FLOORS = {"device": 1, "net": 2, "services": 3, "selftest": 4}
# The facade: it may name everything, as long as it loads nothing but the version when imported.
FACADE, FACADE_MAY = "__init__", {"version"}

_IO = {
    "socket",
    "tls",
    "ssl",
    "select",
    "asyncio",
    "network",
    "requests",
    "urllib",
    "http",
    "subprocess",
}
_WORLD = {
    "time",
    "os",
    "machine",
    "io",
    "random",
    "secrets",
    "datetime",
    "threading",
    "_thread",
    "vfs",
    "sys",
}
# Floor 0 knows no time and does no I/O; floor 1 is policy: it may read a clock, and do no I/O.
FORBIDDEN = {0: _IO | _WORLD - {"sys"}, 1: _IO}
MICROPYTHON = {
    "micropython",
    "machine",
    "network",
    "tls",
    "esp32",
    "rp2",
    "vfs",
    "deflate",
    "uctypes",
    "neopixel",
}


def problems(library):
    """Return the breaches (list of str, sorted) in the package folder `library` (pathlib.Path)."""
    trees = {_name(library, path): _parse(path) for path in sorted(library.rglob("*.py"))}
    found = []
    for module, tree in trees.items():
        found += ["%s: %s" % (module, what) for what in _constructs(tree)]
        found += ["%s: %s" % (module, what) for what in _imports(library, module, tree, trees)]
    found += ["circle: " + " -> ".join(circle) for circle in _circles(library, trees)]
    return sorted(set(found))


def floor(module):
    """Return the floor of a module named without the package, "net.http" say; -1 for the facade."""
    if module == FACADE:
        return -1
    return FLOORS.get(module.split(".")[0], 0)


def _parse(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _name(library, path):
    return ".".join(path.relative_to(library).with_suffix("").parts)


def imported(library, module, tree, known):
    """Yield (node, name, ours) for each import: ours tells a module of the package from any other.

    Imports inside functions count too. `from . import x` names the module x if there is one.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, *_split(library, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _base(library, module, node)
            for alias in node.names:
                whole = base + "." + alias.name
                name, ours = _split(library, whole)
                if not (ours and (name in known or name + ".__init__" in known)):
                    name, ours = _split(library, base)
                yield node, name, ours


def _base(library, module, node):
    if not node.level:
        return node.module
    parts = [library.name, *module.split(".")]
    parts = parts[: len(parts) - node.level]
    return ".".join(parts + ([node.module] if node.module else []))


def _split(library, dotted):
    head, _, rest = dotted.partition(".")
    return (rest or FACADE, True) if head == library.name else (dotted, False)


def _imports(library, module, tree, known):
    level = floor(module)
    inside = {node for function in _functions(tree) for node in ast.walk(function)}
    for node, name, ours in imported(library, module, tree, known):
        if ours and module == FACADE:
            if node not in inside and name not in FACADE_MAY:
                yield "the package itself may load only %s, not %s" % (sorted(FACADE_MAY), name)
        elif ours and name == FACADE:
            yield "imports the package's facade; import the module that has the name"
        elif ours and floor(name) > level:
            yield "floor %d imports %s of floor %d" % (level, name, floor(name))
        elif not ours:
            yield from _foreign(level, name)
    if module != FACADE:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "__import__",
                "exec",
                "eval",
            ):
                yield "line %d hides an import from this check: %s()" % (node.lineno, node.func.id)


def _foreign(level, name):
    top = name.split(".")[0]
    if top in FORBIDDEN.get(level, ()):
        yield "floor %d may not import %s" % (level, top)
    if top not in sys.stdlib_module_names and top not in MICROPYTHON:
        yield "%s is neither standard library nor MicroPython: lib/ has no dependencies" % top


def _functions(tree):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _constructs(tree):
    for node in ast.walk(tree):
        line = "line %d: " % getattr(node, "lineno", 0)
        if isinstance(node, ast.Assert):
            yield line + "assert is gone at -O; raise"
        elif isinstance(node, ast.ExceptHandler) and node.type is None:
            yield line + "bare except"
        elif isinstance(node, ast.JoinedStr) and _nested_quotes(node):
            yield line + "f-string with a string inside"
        for decorator in getattr(node, "decorator_list", ()):
            if ast.unparse(decorator).split(".")[-1] in ("native", "viper", "asm_thumb"):
                yield line + "native code is a SyntaxError on ports without the emitter"
    if "typing" in {name.split(".")[0] for _, name in _plain_imports(tree)}:
        yield "imports typing; hints belong into the .pyi beside it"


def _plain_imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node, node.module


def _nested_quotes(fstring):
    parts = [part.value for part in fstring.values if isinstance(part, ast.FormattedValue)]
    inner = [node for part in parts for node in ast.walk(part)]
    return any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in inner)


def _circles(library, trees):
    """Yield each circle of module-level imports once, as a list of names."""
    edges = {}
    for module, tree in trees.items():
        inside = {node for function in _functions(tree) for node in ast.walk(function)}
        targets = imported(library, module, tree, trees)
        edges[module] = sorted(
            {name for node, name, ours in targets if ours and node not in inside}
        )
    finished = set()
    for start in sorted(edges):
        yield from _walk(start, edges, [], finished)


def _walk(module, edges, path, finished):
    if module in path:
        yield path[path.index(module) :] + [module]
    elif module not in finished:
        for target in edges.get(module, ()):
            yield from _walk(target, edges, path + [module], finished)
        finished.add(module)
