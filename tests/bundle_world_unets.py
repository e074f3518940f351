"""Trace the bundled U-Nets of other packages again: python tests/bundle_world_unets.py [NAME ...]

Writes src/unetscope/zoo/world/NAME.json.gz, whose title, facts and source are nobody's: they stand in
src/unetscope/zoo/world/networks.json. It asks for all packages of `support.networks.third_party`, as
tests/measure_third_party.py does.
"""

from __future__ import annotations

import sys

from support.networks.measured_networks import traced_afresh
from support.networks.world_unets import WORLD
from unetscope import codec, files
from unetscope.zoo import world_unets


def main(names: list[str]) -> None:
    for name in names or WORLD:
        try:
            data = codec.pack(world_unets.without_name(traced_afresh(WORLD[name])))
        except ImportError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        files.write(world_unets.file(name), data)
        print(f"{name}: {len(data):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
