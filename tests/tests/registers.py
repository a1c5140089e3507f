# SPDX-License-Identifier: MIT
"""Prints as JSON what systemrdl-compiler makes of the register map in the file that is named first."""

import json
import sys

from systemrdl import RDLCompiler, messages, warnings


class Collector(messages.MessagePrinter):
    """Keeps warnings and errors, so that the caller can demand that there are none."""

    def __init__(self):
        self.found = []

    def print_message(self, severity, text, src_ref):
        self.found.append(f"{severity.name}: {text}")


def field(node):
    encode = node.get_property("encode")
    return {
        "name": node.inst_name,
        "low": node.low,
        "width": node.width,
        "readable": node.is_sw_readable,
        "writable": node.is_sw_writable,
        "onwrite": getattr(node.get_property("onwrite"), "name", None),
        "reset": node.get_property("reset"),
        "codes": encode and [[code.name, code.value] for code in encode],
    }


def register(node):
    return {
        "name": node.inst_name,
        "address": node.raw_absolute_address if node.is_array else node.absolute_address,
        "count": node.array_dimensions[0] if node.is_array else None,
        "stride": node.array_stride,
        "octets": node.size,
        "accesswidth": node.get_property("accesswidth"),
        "fields": [field(child) for child in node.fields()],
    }


collector = Collector()
# Some registers hold the machine's size, or nothing that software may rely on: they have no reset value to declare.
compiler = RDLCompiler(
    message_printer=collector, warning_flags=warnings.ALL & ~warnings.MISSING_RESET
)
registers = []
try:
    compiler.compile_file(sys.argv[1])
    registers = [register(node) for node in compiler.elaborate().top.registers(unroll=False)]
except messages.RDLCompileError as error:
    collector.found.append(str(error))
json.dump({"messages": collector.found, "registers": registers}, sys.stdout)
