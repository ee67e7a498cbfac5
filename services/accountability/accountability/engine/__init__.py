"""The rating engine: a framework document compiled to expressions over whole columns. No I/O, no clock."""

from accountability.engine.compiled import ENGINE_VERSION, CompiledFramework, Outcomes, compile_framework

__all__ = ["ENGINE_VERSION", "CompiledFramework", "Outcomes", "compile_framework"]
