"""What the interpreter itself says of Python files: where their calls are, and whether an edit only loads more.

Reads one JSON object a line and answers each with one. `{"path": …}` asks for the calls and classes of a file;
`{"path": …, "edited": …, "loads": […]}` for the difference that an edited text makes.
"""

import ast
import dis
import json
import sys
import warnings

MANAGERS = ("objects", "_default_manager")


def main():
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(10_000)
    for line in sys.stdin:
        request = json.loads(line)
        with open(request["path"], "rb") as file:
            before = file.read()
        try:
            answer = difference(before, request) if "edited" in request else places(before)
        except (SyntaxError, ValueError, RecursionError) as error:
            answer = {"problem": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def places(text):
    """Every call as a traceback would place it, with the relation it may be made on; every class by qualified name."""
    tree = ast.parse(text)
    relations = {span_of(node): relation_of(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    # The interpreter also calls where nothing is written as a call: decorators, classes, `with`.
    spans = sorted(span for span in set(running(compile(tree, "file", "exec"))) if span in relations or span[1] is None)
    calls = [{"span": span, "relation": relations.get(span)} for span in spans]
    return {"calls": calls, "classes": list(qualified(tree, ""))}


def running(code):
    """The places of the calls that the compiled code makes; before Python 3.11 only their lines are kept."""
    line = code.co_firstlineno
    for instruction in dis.get_instructions(code):
        starts = instruction.starts_line
        line = starts if isinstance(starts, int) and not isinstance(starts, bool) else line
        if not instruction.opname.startswith("CALL") or "INTRINSIC" in instruction.opname:
            continue
        positions = getattr(instruction, "positions", None)
        if positions is None:
            yield (line, None, None, None)
        elif None not in positions:
            yield (positions.lineno, positions.col_offset, positions.end_lineno, positions.end_col_offset)
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield from running(constant)


def span_of(call):
    start = (call.lineno, call.col_offset)
    function = call.func
    if isinstance(function, ast.Attribute) and function.lineno != function.end_lineno:
        start = (function.end_lineno, function.end_col_offset - len(function.attr.encode()))
    return (*start, call.end_lineno, call.end_col_offset)


def relation_of(call):
    """`books` of `store.books.filter(…)`."""
    method = call.func
    if isinstance(method, ast.Attribute) and isinstance(method.value, ast.Attribute):
        return method.value.attr
    return None


def qualified(node, prefix):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield prefix + child.name
            yield from qualified(child, f"{prefix}{child.name}.")
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from qualified(child, f"{prefix}{child.name}.<locals>.")
        else:
            yield from qualified(child, prefix)


def difference(before, request):
    """Whether the edited text is the same program but for the loads; with none named, only whether it compiles."""
    edited = ast.parse(request["edited"].encode())
    compile(edited, "edited", "exec")
    if not request["loads"]:
        return {"same": True}
    loads = frozenset(request["loads"])
    original = ast.parse(before)
    members = [frozenset(map(member, node.body)) for node in classes(original)]
    for node, had in zip(classes(edited), members):
        node.body = [statement for statement in node.body if member(statement) in had or not adds(statement, loads)]
    trees = [ast.dump(WithoutLoads(loads).visit(tree)) for tree in (original, edited)]
    return {"same": trees[0] == trees[1]}


def classes(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def member(statement):
    """The name that a statement of a class body gives to the class."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return getattr(statement, "name", None)


def adds(statement, loads):
    """Whether a statement is one that an edit adds to a class."""
    is_load = any(isinstance(node, ast.Constant) and node.value in loads for node in ast.walk(statement))
    return is_load and member(statement) in ("queryset", "list_select_related", "get_queryset")


class WithoutLoads(ast.NodeTransformer):
    """Takes out what an edit may add: the loads named, the calls and attributes that then say nothing."""

    def __init__(self, loads):
        self.loads = loads

    def visit_Call(self, call):
        self.generic_visit(call)
        method = call.func
        if not isinstance(method, ast.Attribute):
            return call
        if method.attr in ("select_related", "prefetch_related", "only"):
            call.args = self.others(call.args)
        says_nothing = method.attr in ("all", "select_related", "prefetch_related") and not call.args and not call.keywords
        return method.value if says_nothing else call

    def visit_Attribute(self, attribute):
        self.generic_visit(attribute)
        return attribute.value if attribute.attr in MANAGERS else attribute

    def visit_Assign(self, statement):
        self.generic_visit(statement)
        if member(statement) == "list_select_related":
            paths = getattr(statement.value, "elts", None)
            statement.value = ast.List(self.others(paths)) if paths else ast.Constant(False)
        return statement

    def visit_ClassDef(self, node):
        node.body = [statement for statement in node.body if not isinstance(statement, ast.Pass)]
        self.generic_visit(node)
        return node

    def others(self, nodes):
        return [node for node in nodes if not (isinstance(node, ast.Constant) and node.value in self.loads)]


if __name__ == "__main__":
    main()
