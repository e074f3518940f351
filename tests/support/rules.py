"""The rules that every traced network and its pictures keep, as assertions on any one of them."""

from __future__ import annotations

from itertools import combinations

from support.pictures import MARGIN, UNET_LAYOUTS, apart, framed, ink, inside, near, texts
from unetscope.layout import lay_out
from unetscope.layout.chain.blocks import chain
from unetscope.layout.scene import Frame, Line, Scene, flat
from unetscope.model import Architecture
from unetscope.paths import is_within
from unetscope.render.picture import svg


def assert_skips_pair_up(found: Architecture) -> None:
    """Both ends of every skip exist, lie in different stages and agree in spatial size."""
    stage_of = {
        node.path: stage.path
        for node in found.nodes
        for stage in found.stages
        if is_within(node.path, stage.path)
    }
    for skip in found.skips:
        assert stage_of[skip.source] != stage_of[skip.target]
        assert found.by_path[skip.source].output == skip.shape
        assert found.by_path[skip.target].input[2:] == skip.shape[2:]


def assert_drawn(found: Architecture) -> None:
    """Both layouts draw the network by the rules of pictures."""
    for layout in UNET_LAYOUTS:
        drawn = lay_out(found, layout=layout)
        assert_words_fit(drawn)
        assert_blocks_stand_apart(found, drawn)
        lines = [item for item in flat(drawn.items) if isinstance(item, Line)]
        wires = [line for line in lines if line.role == "skip" and line.dashes and line.head]
        assert len(wires) == len(found.skips) + (1 if found.skips else 0)  # one more in the legend
        assert "</svg>" in svg.render(drawn, theme="light")
        for look in ({"detail": "stage"}, {"detail": "layer"}, {"width": "column"}, {"width": "full"}):
            assert_words_fit(lay_out(found, layout=layout, **look))


def assert_words_fit(drawn: Scene) -> None:
    level, page = [text for text in texts(drawn) if not text.upright], Frame(0, 0, drawn.width, drawn.height)
    margin = MARGIN if drawn.width >= 900 else 14
    for text in level:
        assert inside(ink(text), text.frame or page), text.content
        assert text.left >= margin - 8, text.content
        assert text.left + text.width <= drawn.width - margin + 8, text.content
    for (a, first), (b, second) in near([(text.content, ink(text)) for text in level]):
        assert apart(first, second), (a, b)


def assert_blocks_stand_apart(found: Architecture, drawn: Scene) -> None:
    network, places = chain(found), list(framed(drawn.items))
    stages = {stage.stage.path for stage in network.stages}
    boxes = {path: frame for path, frame in places if path in stages}
    blocks = [(path, frame) for path, frame in places if path not in stages and not path.startswith("skip:")]
    assert boxes.keys() == stages
    assert len(blocks) == len(network.blocks()) + (network.inlet is not None) + (network.outlet is not None)
    for frames in (list(boxes.values()), [frame for _, frame in blocks]):
        assert all(apart(a, b) for a, b in combinations(frames, 2))
    for path, frame in blocks:
        home = next((stage for stage in boxes if path.startswith(stage + ".")), None)
        assert home is None or inside(frame, boxes[home])
