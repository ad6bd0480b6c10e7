"""Rejects what is Python but not Starlark, so that a Tiltfile can be run by Python.

The rules are those of https://github.com/bazelbuild/starlark/blob/master/spec.md, with the two relaxations of Tilt: `for`
and `if` at the top level, and globals that are assigned again.
"""

import ast
import io
import tokenize

_ALLOWED = (
    ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.Pass, ast.Return, ast.Break, ast.Continue, ast.If, ast.For,
    ast.FunctionDef, ast.arguments, ast.arg, ast.Lambda, ast.Call, ast.keyword, ast.Name, ast.Constant, ast.List, ast.Tuple,
    ast.Dict, ast.ListComp, ast.DictComp, ast.comprehension, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.IfExp,
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div,
    ast.FloorDiv, ast.Mod, ast.BitOr, ast.BitAnd, ast.BitXor, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt,
    ast.GtE, ast.In, ast.NotIn, ast.Load, ast.Store,
)


def check_syntax(source, filename):
    """Raises SyntaxError for a construct that Starlark does not have."""
    for node in ast.walk(ast.parse(source, filename)):
        if not isinstance(node, _ALLOWED):
            raise SyntaxError(f"{filename}:{getattr(node, 'lineno', 0)}: Starlark has no {type(node).__name__}")
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            raise SyntaxError(f"{filename}:{node.lineno}: Starlark does not chain comparisons")
        if isinstance(node, (ast.For, ast.FunctionDef)) and _has_python_only_parts(node):
            raise SyntaxError(f"{filename}:{node.lineno}: Starlark has no else of a loop, no decorators and no annotations")
    _check_strings(source, filename)


def _has_python_only_parts(node):
    if isinstance(node, ast.For):
        return bool(node.orelse)
    return bool(node.decorator_list) or node.returns is not None


def _check_strings(source, filename):
    """Adjacent strings are not joined in Starlark."""
    previous = None
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NL, tokenize.COMMENT):
            continue
        if token.type == tokenize.STRING and previous == tokenize.STRING:
            raise SyntaxError(f"{filename}:{token.start[0]}: Starlark does not join adjacent strings")
        previous = token.type
