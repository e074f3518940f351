// What a reader's browser makes of a picture: where every text stands and on what, what covers or
// crosses it, which colours are seen. Run in a page by measuring.py.
(() => {
    // As plain numbers: every look at a rectangle of the browser's own is a call into it.
    const frame = element => {
        const {x, y, right, bottom, width, height} = element.getBoundingClientRect();
        return {x, y, right, bottom, width, height};
    };

    // Letters reach neither the room above capitals nor all of the descent.
    const letters = (element, box, size) => {
        const turned = (element.getAttribute("transform") || "").startsWith("rotate");
        return turned
            ? {x: box.x + 0.17 * size, y: box.y, right: box.right - 0.03 * size, bottom: box.bottom}
            : {x: box.x, y: box.y + 0.17 * size, right: box.right, bottom: box.bottom - 0.03 * size};
    };
    const shared = (a, b) => Math.min(
        Math.min(a.right, b.right) - Math.max(a.x, b.x), Math.min(a.bottom, b.bottom) - Math.max(a.y, b.y));
    const within = (inner, outer, slack) => inner.x >= outer.x - slack && inner.y >= outer.y - slack
        && inner.right <= outer.right + slack && inner.bottom <= outer.bottom + slack;
    const covers = (shape, x, y, inset) => x > shape.box.x + inset && x < shape.box.right - inset
        && y > shape.box.y + inset && y < shape.box.bottom - inset;

    const shapes = () => [...document.querySelectorAll("svg rect, svg circle, svg path")]
        .filter(element => !element.closest("defs, pattern"))
        .map((element, index) => {
            const fill = element.getAttribute("fill");
            const solid = element.tagName !== "path" && fill !== "none" && !fill.startsWith("url");
            return {element, index, solid, hatch: fill.startsWith("url"), box: frame(element)};
        });

    // For each point the last solid shape below it, of those drawn before `before`.
    const ground = (solid, x, y, before, inset = 0) => {
        let found = -1;
        for (const shape of solid)
            if (shape.index < before && covers(shape, x, y, inset)) found = shape.index;
        return found;
    };

    // Each text with the number of shapes drawn before it, its letters, and the shape it stands on.
    const words = (drawn, solid) => {
        const order = new Map(drawn.map(shape => [shape.element, shape.index]));
        let before = 0;
        const found = [];
        for (const element of document.querySelectorAll("svg rect, svg circle, svg path, svg text")) {
            if (order.has(element)) before = order.get(element) + 1;
            else if (element.tagName === "text") {
                const size = parseFloat(getComputedStyle(element).fontSize);
                const ink = letters(element, element.getBoundingClientRect(), size);
                const x = (ink.x + ink.right) / 2, y = (ink.y + ink.bottom) / 2;
                found.push({element, before, size, ink, ground: ground(solid, x, y, before)});
            }
        }
        return found;
    };

    const along = path => {
        const length = path.getTotalLength(), count = Math.max(2, Math.ceil(length / 4)), points = [];
        const matrix = path.getScreenCTM();
        for (let step = 0; step <= count; step++)
            points.push(path.getPointAtLength(length * step / count).matrixTransform(matrix));
        return points;
    };

    // Lines and boxes that a text is crossed, cut or covered by.
    const struck = (texts, drawn) => {
        const found = [];
        for (const shape of drawn) {
            const path = shape.element.tagName === "path";
            const near = texts.filter(text => shared(text.ink, shape.box) > (path ? -0.5 : 0.6));
            if (!near.length) continue;
            const points = path && shape.element.getAttribute("fill") === "none" ? along(shape.element) : [];
            for (const text of near) {
                if (shape.index <= text.ground && within(text.ink, drawn[text.ground].box, 0.6)) continue;
                const content = text.element.textContent;
                if (path) {
                    const hit = points.some(p => p.x > text.ink.x + 0.8 && p.x < text.ink.right - 0.8
                        && p.y > text.ink.y + 0.8 && p.y < text.ink.bottom - 0.8);
                    if (hit) found.push(`a line crosses "${content}"`);
                } else if (shape.index >= text.before && shape.solid) {
                    found.push(`a box covers "${content}"`);
                } else if (!within(text.ink, shape.box, 0.6) && shape.element.tagName === "rect") {
                    found.push(`the edge of a box cuts "${content}"`);
                }
            }
        }
        return found;
    };

    // Boxes of modules may lie inside one another, never half over one another.
    const collisions = () => {
        const boxes = [...document.querySelectorAll("g[data-path] > rect:first-of-type")].map(element =>
            ({path: element.parentElement.dataset.path, box: frame(element)}));
        const found = [];
        for (let i = 0; i < boxes.length; i++)
            for (let j = i + 1; j < boxes.length; j++) {
                const [a, b] = [boxes[i], boxes[j]];
                if (shared(a.box, b.box) > 0.5 && !within(a.box, b.box, 0.5) && !within(b.box, a.box, 0.5))
                    found.push(`the boxes of ${a.path} and ${b.path} overlap`);
            }
        return found;
    };

    const placed = () => {
        const page = document.querySelector("svg").getBoundingClientRect();
        const drawn = shapes(), texts = words(drawn, drawn.filter(shape => shape.solid));
        return {
            texts: texts.map(text => ({
                content: text.element.textContent, size: text.size, ground: text.ground,
                frame: [text.ink.x - page.x, text.ink.y - page.y, text.ink.right - text.ink.x,
                        text.ink.bottom - text.ink.y],
            })),
            struck: struck(texts, drawn),
        };
    };

    // DejaVu Sans is the widest common sans-serif; textLength stretches the very same glyphs by a
    // tenth in width alone, which is what a fallback font that much wider does.
    const widened = () => {
        const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
        style.textContent = "text:not([font-family]){font-family:'DejaVu Sans'}";
        document.querySelector("svg").append(style);
        const texts = [...document.querySelectorAll("text")];
        const lengths = texts.map(text => text.getComputedTextLength());  // all before any changes: one reflow
        texts.forEach((text, index) => {
            text.setAttribute("textLength", 1.1 * lengths[index]);
            text.setAttribute("lengthAdjust", "spacingAndGlyphs");
        });
    };

    // The shapes under the ends and the middle of every line, beside every box, and below every disc.
    const grounds = () => {
        const drawn = shapes(), solid = drawn.filter(shape => shape.solid);
        return drawn.map(({element, index, box}) => {
            const points = element.tagName === "path" && element.getAttribute("fill") === "none"
                ? [0.1, 0.5, 0.9].map(part => element.getPointAtLength(element.getTotalLength() * part)
                    .matrixTransform(element.getScreenCTM()))
                : element.tagName === "rect"
                    ? [{x: box.x - 0.9, y: box.y + box.height / 2}]
                    : [{x: box.x + box.width / 2, y: box.y + box.height / 2}];
            return [...new Set(points.map(point => ground(solid, point.x, point.y, index, 0.25)))];
        });
    };

    const show = svg => { document.body.innerHTML = svg; };
    window.measured = (svg, wide) => {
        show(svg);
        const found = {collisions: collisions(), grounds: grounds(), asTheyAre: placed()};
        if (wide) {
            widened();
            found.wider = placed();
        }
        return found;
    };

    // Fill, stroke and dashes of every shape, and the fill of every text, as they are seen.
    window.coloured = svg => {
        show(svg);
        const seen = element => {
            const style = getComputedStyle(element);
            return [style.fill, style.stroke, style.strokeDasharray !== "none"];
        };
        return {
            shapes: shapes().map(shape => seen(shape.element)),
            texts: [...document.querySelectorAll("text")].map(text => getComputedStyle(text).fill),
        };
    };
})();
