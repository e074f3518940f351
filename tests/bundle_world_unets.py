"""Trace the bundled U-Nets of other packages again: python tests/bundle_world_unets.py [NAME ...]

Writes src/unetscope/zoo/world/NAME.json.gz, whose title, facts and source are nobody's: they stand in
src/unetscope/zoo/world/networks.json. A formula that is learned beside is kept if it gives what the package's
own code is traced to at sizes that it was not learned from. It asks for all packages of
`support.networks.third_party`, as tests/measure_third_party.py does.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from support.networks.measured_networks import traced_afresh, traced_with_formula, unseen
from support.networks.world_unets import WORLD
from unetscope import codec, files
from unetscope.analysis.scaling import resize
from unetscope.zoo import world_unets


def main(names: list[str]) -> None:
    for name in names or WORLD:
        try:
            network = traced_with_formula(WORLD[name])
        except ImportError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        for axes in unseen(network):
            told, traced = resize.at(network, axes), traced_afresh(WORLD[name], axes)
            assert told is not None, axes
            assert replace(told, scaling=None) == traced, axes
        data = codec.pack(world_unets.without_name(network))
        files.write(world_unets.file(name), data)
        print(f"{name}: {len(data):,} bytes, formula checked at {unseen(network) or 'no size: none holds'}")


if __name__ == "__main__":
    main(sys.argv[1:])
