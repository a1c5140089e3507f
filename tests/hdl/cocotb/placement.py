# SPDX-License-Identifier: MIT
"""Where software puts a row of an exact-match table: docs/pipeline.md, section 4, written from that page alone."""

BITS = 72
MASK = (1 << BITS) - 1
WAYS = 4


def rotl(x, n):
    return (x << n | x >> BITS - n) & MASK


def mixed(key, seed):
    x = key ^ seed
    for p, q in (13, 37), (20, 31), (29, 8):
        x ^= ~rotl(x, 1) & rotl(x, 2) & MASK
        x ^= rotl(x, p) ^ rotl(x, q)
    return x


def index(key, seed, way, rows):
    """The row of `way`, which has `rows` of them."""
    z = mixed(key, seed) >> 18 * way & 0x3FFFF
    return (z ^ z >> 9) & rows - 1


def binding_key(port, mac, vlan):
    return vlan | int.from_bytes(mac, "big") << 12 | port << 60


def channel_key(link, channel):
    return channel | link << 22


class Placement:
    """The rows of one table that are taken."""

    def __init__(self, rows, seeds, choice):
        self.rows, self.seeds, self.choice, self.taken = rows, seeds, choice, set()

    def place(self, key):
        """A free (way, row) for `key`; the first way that is tried goes round, so that every way is used."""
        first = len(self.taken) % WAYS
        for way in [*range(first, WAYS), *range(first)]:
            place = way, index(key, self.seeds[self.choice >> way & 1], way, self.rows)
            if place not in self.taken:
                self.taken.add(place)
                return place
        raise AssertionError(f"no way has room for {key:#x}; take other seeds")
