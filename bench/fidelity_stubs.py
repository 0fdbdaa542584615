"""Runs the probe of exact mode in an interpreter that lacks packages of the project: what is missing is made up.

    python fidelity_stubs.py PROBE REQUEST RESULT

Enough to measure models that need no more of a package than to name it; what was made up is named on standard output.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import runpy
import sys
import types


def main() -> None:
    sys.meta_path.append(Stubs())
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")


class Anything(type):
    """Stands for what a package that is not installed would give: callable, subscriptable, a base, a decorator."""

    def __getattr__(cls, name: str):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub

    def __getitem__(cls, key):
        return cls

    def __setitem__(cls, key, value):
        pass

    def __or__(cls, other):
        return cls

    __ror__ = __or__

    def __iter__(cls):
        return iter(())


class Stub(metaclass=Anything):
    def __new__(cls, *arguments, **named):
        if len(arguments) == 1 and not named and isinstance(arguments[0], (types.FunctionType, type)):
            return arguments[0]
        return super().__new__(cls)

    def __init__(self, *arguments, **named) -> None:
        pass

    def __init_subclass__(cls, **named) -> None:
        pass

    def __getattr__(self, name: str):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub

    def __call__(self, *arguments, **named):
        return arguments[0] if len(arguments) == 1 and not named else Stub()

    def __getitem__(self, key):
        return Stub()

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter(())


class Stubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules of packages that are not installed; what is missing is named on standard error."""

    def find_spec(self, name, path=None, target=None):
        print("stub", name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__getattr__ = lambda name: (_ for _ in ()).throw(AttributeError(name)) if name.startswith("__") else Stub
        module.__path__ = []
        return module

    def exec_module(self, module) -> None:
        pass


if __name__ == "__main__":
    main()
