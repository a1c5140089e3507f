# SPDX-License-Identifier: MIT
"""The register map as the printed C header says it: no address, field or code is typed here a second time."""

import re


class Map:
    """Constants of a header, by name without VIREO_."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as header:
            found = re.findall(r"^#define VIREO_(\w+) +(0x[0-9A-F]+|[0-9]+)u$", header.read(), re.MULTILINE)
        self.constants = {name: int(value, 0) for name, value in found}

    def __getattr__(self, name):
        try:
            return self.constants[name]
        except KeyError:
            raise AttributeError(f"the printed header has no VIREO_{name}") from None

    def _parts(self, owner, field):
        """Names of a field's parts, least significant first."""
        name = f"{owner}_{field}"
        return [name] if f"{name}_MASK" in self.constants else [f"{name}_{i}" for i in range(2)]

    def word(self, owner, **fields):
        """A register's value."""
        return self.row(owner, **fields)[0]

    def row(self, owner, **fields):
        """Words of a row (or of a register), fields that are not named 0."""
        words = [0] * (1 + max(self.constants.get(f"{part}_WORD", 0) for part in self._all_parts(owner)))
        for field, value in fields.items():
            for part in self._parts(owner, field.upper()):
                shift, mask = self.constants[f"{part}_SHIFT"], self.constants[f"{part}_MASK"]
                words[self.constants.get(f"{part}_WORD", 0)] |= value << shift & mask
                value >>= (mask >> shift).bit_length()
            assert value == 0, f"{field} of {owner} is too large by {value:#x}"
        return words

    def get(self, owner, field, words):
        """A field of a row."""
        value, at = 0, 0
        for part in self._parts(owner, field.upper()):
            shift, mask = self.constants[f"{part}_SHIFT"], self.constants[f"{part}_MASK"]
            value |= (words[self.constants.get(f"{part}_WORD", 0)] & mask) >> shift << at
            at += (mask >> shift).bit_length()
        return value

    def _all_parts(self, owner):
        return [name[: -len("_MASK")] for name in self.constants if name.startswith(f"{owner}_") and name.endswith("_MASK")]

    def words(self, owner):
        """Words of a row."""
        return len(self.row(owner))
