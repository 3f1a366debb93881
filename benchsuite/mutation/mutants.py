"""The eager loads of a Python file, each with the text of the file without it.

A mutation removes one link of a chain (``.select_related("author")`` with its dot), one argument out of several, or one
``list_select_related = …``. Ranges come from ``ast``; everything else of the file stays byte-identical.
"""

import ast
import re
from dataclasses import dataclass

LINKS = frozenset({"select_related", "prefetch_related"})
ATTRIBUTES = frozenset({"list_select_related"})

#: What may stand between a call's receiver and the dot: closing parentheses, line ends, comments.
BEFORE_DOT = re.compile(rb"(?:\s|\\|\)|#[^\n]*\n)*")


@dataclass(frozen=True)
class Span:
    """Lines of a file, both included."""

    first: int
    last: int

    def holds(self, line):
        return self.first <= line <= self.last


@dataclass(frozen=True)
class Mutation:
    """One eager load of one file."""

    path: str
    #: Stands for the mutation everywhere: ``shop/views.py:12:select_related`` or, for one argument, ``…[0]``.
    name: str
    #: The source text that goes.
    removed: str
    #: The whole statement, before the mutation.
    statement: Span
    #: The innermost function or class around it; the statement itself at the top of a module.
    holder: Span
    #: The function's or class's name; empty at the top of a module.
    holder_name: str
    start: int
    end: int
    replacement: bytes
    #: Runs whenever its module is imported: a class attribute, of which nothing says when it is used.
    is_attribute: bool

    def apply(self, source):
        """The file without it."""
        mutated = source[: self.start] + self.replacement + source[self.end :]
        ast.parse(mutated)
        return mutated


def find(path, source):
    """All mutations of a file, in source order."""
    finder = _Finder(path, source)
    finder.visit(ast.parse(source))
    return finder.mutations


def changed_functions(before, after):
    """Spans of the functions of `before` that read otherwise in `after`; None when something else differs too."""
    before, after = _Functions(before), _Functions(after)
    if before.rest != after.rest or before.texts.keys() != after.texts.keys():
        return None
    return [span for name, span in before.spans.items() if before.texts[name] != after.texts[name]]


class _Functions(ast.NodeTransformer):
    """The outermost functions of a file by their qualified names, and the file without their bodies."""

    def __init__(self, source):
        self.texts = {}
        self.spans = {}
        self._classes = []
        self.rest = ast.dump(self.visit(ast.parse(source)))

    def visit_ClassDef(self, node):
        self._classes.append(node.name)
        self.generic_visit(node)
        self._classes.pop()
        return node

    def visit_FunctionDef(self, node):
        name = ".".join([*self._classes, f"{node.name}#{len(self.texts)}"])
        self.texts[name] = ast.dump(ast.Module(node.body, []))
        # As the interpreter counts: from the first decorator on.
        first = min(decorator.lineno for decorator in [node, *node.decorator_list])
        self.spans[name] = Span(first, node.end_lineno)
        node.body = []
        return node

    visit_AsyncFunctionDef = visit_FunctionDef


class _Finder(ast.NodeVisitor):
    def __init__(self, path, source):
        self.mutations = []
        self._path = path
        self._source = source
        self._line_starts = [0]
        for line in source.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))
        self._holders = []
        self._statements = []
        self._names = {}

    def visit(self, node):
        is_statement = isinstance(node, ast.stmt)
        is_holder = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if is_statement:
            self._statements.append(node)
        if is_holder:
            self._holders.append(node)
        super().visit(node)
        if is_holder:
            self._holders.pop()
        if is_statement:
            self._statements.pop()

    def visit_Call(self, node):
        self.generic_visit(node)
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr not in LINKS:
            return
        arguments = node.args
        if len(arguments) == 1 and isinstance(arguments[0], ast.Constant) and arguments[0].value is None:
            return
        if isinstance(function.value, ast.Call) and getattr(function.value.func, "id", None) == "super":
            return  # an override of the method itself, no eager load
        start = self._before_dot(self._offset(function.value.end_lineno, function.value.end_col_offset))
        end = self._offset(node.end_lineno, node.end_col_offset)
        self._add(function.attr, function.end_lineno, start, end, b"")
        if len(arguments) > 1:
            for index in range(len(arguments)):
                self._add(f"{function.attr}[{index}]", function.end_lineno, *self._argument(arguments, index), b"")

    def visit_Assign(self, node):
        self.generic_visit(node)
        target = node.targets[0]
        is_class_body = bool(self._holders) and isinstance(self._holders[-1], ast.ClassDef)
        if is_class_body and isinstance(target, ast.Name) and target.id in ATTRIBUTES:
            if isinstance(node.value, ast.Constant) and node.value.value is False:
                return
            start = self._offset(node.lineno, node.col_offset)
            end = self._offset(node.end_lineno, node.end_col_offset)
            self._add(target.id, node.lineno, start, end, b"pass", is_attribute=True)

    def _argument(self, arguments, index):
        """From an argument to the next, or from the end of the one before the last."""
        node = arguments[index]
        if index + 1 < len(arguments):
            following = arguments[index + 1]
            return self._start_of(node), self._start_of(following)
        before = arguments[index - 1]
        end = self._offset(node.end_lineno, node.end_col_offset)
        return self._offset(before.end_lineno, before.end_col_offset), end

    def _start_of(self, node):
        return self._offset(node.lineno, node.col_offset)

    def _before_dot(self, offset):
        """Behind the last parenthesis that still belongs to the receiver."""
        between = BEFORE_DOT.match(self._source, offset).group()
        return offset + between.rfind(b")") + 1

    def _offset(self, line, column):
        return self._line_starts[line - 1] + column

    def _add(self, kind, line, start, end, replacement, *, is_attribute=False):
        base = f"{self._path}:{line}:{kind}"
        count = self._names[base] = self._names.get(base, 0) + 1
        statement = self._statements[-1]
        holder = self._holders[-1] if self._holders else statement
        mutation = Mutation(
            path=self._path,
            name=base if count == 1 else f"{base}#{count}",
            removed=" ".join(self._source[start:end].decode().split()),
            statement=Span(statement.lineno, statement.end_lineno),
            holder=Span(holder.lineno, holder.end_lineno),
            holder_name=getattr(holder, "name", ""),
            start=start,
            end=end,
            replacement=replacement,
            is_attribute=is_attribute,
        )
        try:
            mutation.apply(self._source)
        except SyntaxError as error:
            raise ValueError(f"{mutation.name}: the file does not parse without it: {error}") from error
        self.mutations.append(mutation)
