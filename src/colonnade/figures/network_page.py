"""The page on which a network can be turned: one canvas and a short program, which needs nothing from elsewhere."""

import json
from collections.abc import Mapping

STYLE = """
body { margin: 0; font: 13px/1.4 sans-serif; color: #222; background: #fff; display: flex; height: 100vh; }
canvas { flex: 1; min-width: 0; cursor: grab; touch-action: none; }
canvas:active { cursor: grabbing; }
aside { width: 15rem; padding: 0.8rem; overflow-y: auto; border-left: 1px solid #ddd; box-sizing: border-box; }
aside h1 { font-size: 1rem; margin: 0 0 0.5rem; }
aside label { display: block; margin: 0.15rem 0; }
aside .swatch { display: inline-block; width: 0.75rem; height: 0.75rem; border-radius: 50%; margin-right: 0.3rem; }
aside p { margin: 0.6rem 0; }
aside .hint { color: #666; font-size: 12px; }
"""

PROGRAM = """
const network = JSON.parse(document.getElementById('network').textContent);
const canvas = document.querySelector('canvas'), pen = canvas.getContext('2d');
const count = network.x.length, places = [network.x, network.y, network.z];
const low = places.map(axis => axis.reduce((one, other) => Math.min(one, other), Infinity));
const high = places.map(axis => axis.reduce((one, other) => Math.max(one, other), -Infinity));
const middle = low.map((value, axis) => (value + high[axis]) / 2);
let extent = Math.max(20, ...low.map((value, axis) => high[axis] - value));
for (const shape of network.shapes) for (const value of shape) extent = Math.max(extent, Math.abs(value) * 1.8);
const start = {azimuth: network.azimuth, elevation: network.elevation, zoom: 1, right: 0, up: 0};
let view = {...start}, chosen = -1;
const shown = network.groups.map(() => true), layers = {cells: true, trees: true, connections: false, box: true};

function axes() {
  const e = view.elevation * Math.PI / 180, a = view.azimuth * Math.PI / 180;
  const towards = [Math.cos(e) * Math.cos(a), Math.sin(e), -Math.cos(e) * Math.sin(a)];
  const right = [-Math.sin(a), 0, -Math.cos(a)];
  const up = [towards[1] * right[2] - towards[2] * right[1], towards[2] * right[0] - towards[0] * right[2],
              towards[0] * right[1] - towards[1] * right[0]];
  return {right, up, towards};
}
const dot = (one, other) => one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
let frame, scale;
function toScreen(point) {
  const from = [point[0] - middle[0], point[1] - middle[1], point[2] - middle[2]];
  return [canvas.clientWidth / 2 + view.right + scale * dot(from, frame.right),
          canvas.clientHeight / 2 + view.up - scale * dot(from, frame.up), dot(from, frame.towards)];
}
const cell = number => [network.x[number], network.y[number], network.z[number]];
function line(from, to) {
  const one = toScreen(from), other = toScreen(to);
  pen.moveTo(one[0], one[1]); pen.lineTo(other[0], other[1]);
}
function drawBox() {
  pen.beginPath();
  for (let corner = 0; corner < 8; corner++) for (let axis = 0; axis < 3; axis++) if (!(corner >> axis & 1)) {
    const from = [0, 1, 2].map(each => (corner >> each & 1 ? high : low)[each]);
    line(from, from.map((value, each) => each === axis ? high[each] : value));
  }
  pen.strokeStyle = '#d9d9d9'; pen.lineWidth = 1; pen.stroke();
}
function write(text, x, y) {
  pen.strokeStyle = '#fff'; pen.lineWidth = 3; pen.strokeText(text, x, y);
  pen.fillStyle = '#5f5f5f'; pen.fillText(text, x, y);
}
function drawRanges() {
  if (scale * Math.max(...low.map((value, axis) => high[axis] - value)) < 250) return; // no room beside so small a box
  ['x', 'y', 'z'].forEach((name, axis) => {
    const at = low.slice(); at[axis] = (low[axis] + high[axis]) / 2;
    const point = toScreen(at), range = Math.round(low[axis]) + ' to ' + Math.round(high[axis]);
    write(name + ' ' + range.replaceAll('-', '\\u2212') + ' \\u00b5m', point[0] + 4, point[1] + 12);
  });
}
function drawScale() {
  const wanted = 120 / scale, power = 10 ** Math.floor(Math.log10(wanted));
  const length = power * [5, 2, 1].find(step => step * power <= wanted);
  const foot = [24, canvas.clientHeight - 24];
  pen.fillStyle = '#000'; pen.fillRect(foot[0], foot[1], length * scale, 3);
  write(+length.toPrecision(1) + ' \\u00b5m', foot[0], foot[1] + 18);
  const root = [44, canvas.clientHeight - 76];
  ['x', 'y', 'z'].forEach((name, axis) => {
    const x = root[0] + 26 * frame.right[axis], y = root[1] - 26 * frame.up[axis];
    pen.beginPath(); pen.moveTo(...root); pen.lineTo(x, y);
    pen.strokeStyle = '#5f5f5f'; pen.lineWidth = 1.2; pen.stroke();
    write(name, root[0] + 1.35 * (x - root[0]) - 3, root[1] + 1.35 * (y - root[1]) + 4);
  });
}
function drawTrees() {
  for (const tree of network.trees) {
    if (!shown[network.group[tree.cell]]) continue;
    const shape = network.shapes[tree.shape], t = tree.turn, at = cell(tree.cell);
    const turned = k => [t[0] * shape[k] + t[1] * shape[k + 1] + t[2] * shape[k + 2] + at[0],
                         t[3] * shape[k] + t[4] * shape[k + 1] + t[5] * shape[k + 2] + at[1],
                         t[6] * shape[k] + t[7] * shape[k + 1] + t[8] * shape[k + 2] + at[2]];
    pen.beginPath();
    for (let k = 0; k < shape.length; k += 6) line(turned(k), turned(k + 3));
    pen.strokeStyle = network.groups[network.group[tree.cell]].colour;
    pen.globalAlpha = chosen < 0 || chosen === tree.cell ? 0.55 : 0.12;
    pen.lineWidth = chosen === tree.cell ? 1.6 : 0.8;
    pen.stroke();
  }
  pen.globalAlpha = 1;
}
function drawConnections() {
  pen.lineWidth = 0.8;
  for (const [source, target] of network.connections) {
    const own = chosen === source || chosen === target;
    if (chosen >= 0 ? !own : !layers.connections) continue;
    if (!shown[network.group[source]] || !shown[network.group[target]]) continue;
    pen.beginPath(); line(cell(source), cell(target));
    pen.strokeStyle = chosen < 0 ? '#888' : chosen === source ? '#D55E00' : '#0072B2';
    pen.globalAlpha = chosen < 0 ? 0.25 : 0.8; pen.stroke();
  }
  pen.globalAlpha = 1;
}
function drawCells() {
  const order = [];
  for (let number = 0; number < count; number++) {
    if (shown[network.group[number]]) order.push([number, toScreen(cell(number))]);
  }
  order.sort((one, other) => one[1][2] - other[1][2]);
  const size = Math.max(1.5, Math.min(7, 5 * scale));
  for (const [number, at] of order) {
    pen.globalAlpha = 0.5 + 0.5 * Math.min(1, Math.max(0, at[2] / extent + 0.5));
    pen.beginPath(); pen.arc(at[0], at[1], number === chosen ? size + 3 : size, 0, 7);
    pen.fillStyle = network.groups[network.group[number]].colour; pen.fill();
    if (number === chosen) { pen.strokeStyle = '#000'; pen.lineWidth = 1.5; pen.stroke(); }
  }
  pen.globalAlpha = 1;
  return order;
}
let drawn = [];
function draw() {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio; canvas.height = canvas.clientHeight * ratio;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.font = '12px sans-serif';
  frame = axes();
  scale = view.zoom * 0.7 * Math.min(canvas.clientWidth, canvas.clientHeight) / extent;
  if (layers.box) drawBox();
  if (layers.trees) drawTrees();
  drawConnections();
  drawn = layers.cells ? drawCells() : [];
  if (layers.box) drawRanges();
  drawScale();
}
function choose(number) {
  chosen = number;
  const said = document.getElementById('said');
  if (number < 0) { said.textContent = 'Click a cell to see its connections.'; }
  else {
    const incoming = network.connections.filter(pair => pair[1] === number).length;
    const outgoing = network.connections.filter(pair => pair[0] === number).length;
    const part = network.all_connections ? '' : ' of those shown';
    said.textContent = network.groups[network.group[number]].name + ', node ' + network.id[number] +
      ': connections from ' + incoming + ' cells (blue), to ' + outgoing + ' cells (red)' + part + '.';
  }
  draw();
}
const list = document.getElementById('groups');
network.groups.forEach((group, place) => {
  const [label, box, spot] = ['label', 'input', 'span'].map(name => document.createElement(name));
  box.type = 'checkbox'; box.checked = true; box.onchange = () => { shown[place] = box.checked; draw(); };
  spot.className = 'swatch'; spot.style.background = group.colour;
  label.append(box, ' ', spot, group.name + ' (' + group.cells + ')'); list.append(label);
});
for (const name of Object.keys(layers)) {
  const box = document.getElementById(name);
  box.checked = layers[name]; box.onchange = () => { layers[name] = box.checked; draw(); };
}
let grip = null, moved = 0;
canvas.onpointerdown = event => {
  grip = [event.clientX, event.clientY]; moved = 0;
  canvas.setPointerCapture(event.pointerId);
};
canvas.onpointermove = event => {
  if (!grip) return;
  const right = event.clientX - grip[0], down = event.clientY - grip[1];
  grip = [event.clientX, event.clientY]; moved += Math.abs(right) + Math.abs(down);
  if (event.shiftKey) { view.right += right; view.up += down; }
  else { view.azimuth += right * 0.4; view.elevation = Math.max(-90, Math.min(90, view.elevation + down * 0.4)); }
  draw();
};
canvas.onpointerup = event => {
  grip = null;
  if (moved > 4) return;
  const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const near = drawn.filter(each => Math.hypot(each[1][0] - x, each[1][1] - y) < 9);
  choose(near.length ? near[near.length - 1][0] : -1);
};
canvas.onwheel = event => { event.preventDefault(); view.zoom *= Math.exp(-event.deltaY * 0.001); draw(); };
canvas.ondblclick = () => { view = {...start}; choose(-1); };
canvas.tabIndex = 0;
canvas.onkeydown = event => {
  const step = {ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, -5], ArrowDown: [0, 5]}[event.key];
  if (step) { view.azimuth += step[0]; view.elevation = Math.max(-90, Math.min(90, view.elevation + step[1])); }
  else if (event.key === '+') view.zoom *= 1.1; else if (event.key === '-') view.zoom /= 1.1; else return;
  event.preventDefault(); draw();
};
window.onresize = draw;
choose(-1);
"""

BODY = """<style>{style}</style><body><canvas aria-label="the network in three dimensions"></canvas>
<aside><h1>{title}</h1><div id="groups"></div>
<p><label><input type="checkbox" id="cells"> somata</label>
<label><input type="checkbox" id="trees"> morphologies ({trees})</label>
<label><input type="checkbox" id="connections"> connections ({connections})</label>
<label><input type="checkbox" id="box"> box</label></p>
<p id="said"></p>
<p class="hint">Drag to turn, shift and drag to move, wheel to zoom, double click to begin again;
or the arrow keys, + and &minus;.</p></aside>
<script type="application/json" id="network">{network}</script><script>{program}</script></body>"""


def network_page(network: Mapping, title: str) -> str:
    """Return the body of a page that shows ``network`` (see ``kinds.network_view``) in a canvas that can be turned."""
    text = json.dumps(network, separators=(",", ":"), sort_keys=True).replace("</", "<\\/")
    connections = len(network["connections"])
    return BODY.format(
        style=STYLE,
        title=title.replace("&", "&amp;").replace("<", "&lt;"),
        trees=f"{len(network['trees'])} of {len(network['x'])}",
        connections=f"all {connections:,}" if network["all_connections"] else f"{connections:,} drawn at random",
        network=text,
        program=PROGRAM,
    )
