// What pages with a picture share: which of its parts a path means.
"use strict";

const within = (path, root) => path === root || path.startsWith(root + ".");

// The parts inside a path, and of those around it the innermost ones.
function parted(path, drawn) {
  const inside = drawn.filter((part) => within(part.dataset.path, path));
  if (inside.length) return inside;
  const around = drawn.filter((part) => within(path, part.dataset.path));
  const longest = Math.max(0, ...around.map((part) => part.dataset.path.length));
  return around.filter((part) => part.dataset.path.length === longest);
}

// The address of the page leads to what is chosen.
function setAddress(anchor) {
  if (location.protocol === "about:") return;
  history.replaceState(null, "", anchor ? `#${encodeURIComponent(anchor)}` : location.pathname + location.search);
}

const anchored = () => {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; }
};

// What `packed` of document.py deflated: JSON in base64. Browsers before 2023 cannot, and keep the plain page.
async function unpacked(element) {
  const bytes = Uint8Array.from(atob(JSON.parse(element.textContent)), (one) => one.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
}

// A picture of lines that several share, each told by how far it lies behind the one that would follow.
function pictureOf(data, name) {
  let at = -1;
  return data.pictures[name].map((step) => data.lines[(at += step + 1)]).join("\n");
}

// An element with its properties and what it holds; text stays text.
function made(tag, properties, ...held) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...held);
  return element;
}
