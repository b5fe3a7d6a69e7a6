// Scatter plots of predicted against measured, as SVG: log axes, the line of equality, a band of ±20 %.
// Points are rounded to the pixel and drawn once, so that thousands of them stay small.

const WIDTH = 490;
const HEIGHT = 490;
const LEFT = 62;
const TOP = 40;
const PLOT = 400;

// Light and dark: WCAG contrast of at least 3 against either ground.
const COLOURS = [
  ['#1f6fd0', '#6cb2ff'], ['#c2410c', '#ff9a5c'], ['#15803d', '#5fd38a'], ['#7c3aed', '#c4a2ff'],
  ['#a16207', '#f0c648'], ['#64748b', '#a9b4c4'],
];

const STYLE = `
text{font:12px system-ui,sans-serif;fill:#1f2937}.t{font-weight:600;font-size:14px}.n{fill:#4b5563}
.g{fill:#fff}.a{stroke:#9ca3af;fill:none}.r{stroke:#e5e7eb}.l{stroke:#374151}.b{fill:#9ca3af;opacity:.22}
path{fill:none;stroke-width:3;stroke-linecap:round}
${COLOURS.map(([light], i) => `.c${i}{stroke:${light};fill:none}.k${i}{fill:${light}}`).join('')}
@media(prefers-color-scheme:dark){text{fill:#e5e7eb}.n{fill:#b6bdc9}.g{fill:#0f1419}.a{stroke:#6b7280}.r{stroke:#262d36}
.l{stroke:#d1d5db}${COLOURS.map(([, dark], i) => `.c${i}{stroke:${dark};fill:none}.k${i}{fill:${dark}}`).join('')}}`;

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** What an axis says at a power of ten. */
function tick(exponent) {
  const value = 10 ** exponent;
  if (exponent >= 6) return `${10 ** (exponent - 6)}M`;
  if (exponent >= 3) return `${10 ** (exponent - 3)}k`;
  return exponent >= 0 ? `${value}` : value.toFixed(-exponent);
}

/** From and to, as powers of ten, in half decades. */
function range(points) {
  const values = points.flatMap(({ measured, predicted }) => [measured, predicted]).map(Math.log10);
  return [Math.floor(2 * Math.min(...values)) / 2, Math.ceil(2 * Math.max(...values)) / 2];
}

/** Shortest path of dots: each a line of no length. Dots of one pixel are one. */
function dots(points, at) {
  const seen = new Set(points.map(({ measured, predicted }) => at(measured, predicted).map(Math.round).join(' ')));
  return [...seen].map((xy) => `M${xy}h0`).join('');
}

/**
 * groups: [{name, points: [{measured, predicted}]}], at most six; what: the quantity and its unit.
 * Returns the text of an SVG file.
 */
export function scatter({ title, what, groups }) {
  const shown = groups.filter(({ points }) => points.length);
  const [low, high] = range(shown.flatMap(({ points }) => points));
  const scale = PLOT / (high - low);
  const x = (value) => LEFT + (Math.log10(value) - low) * scale;
  const y = (value) => TOP + PLOT - (Math.log10(value) - low) * scale;
  const at = (measured, predicted) => [x(measured), y(predicted)];
  const ticks = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
  const right = LEFT + PLOT;
  const bottom = TOP + PLOT;
  const clip = (value) => Math.min(Math.max(value, 10 ** low), 10 ** high);
  const bandAt = (factor) => [10 ** low, 10 ** high].map((m) => `${x(m).toFixed(1)},${y(clip(m * factor)).toFixed(1)}`);
  const grid = ticks.map((exponent) => {
    const px = x(10 ** exponent).toFixed(1);
    const py = y(10 ** exponent).toFixed(1);
    return `<path class="r" style="stroke-width:1" d="M${px} ${TOP}V${bottom}M${LEFT} ${py}H${right}"/>` +
      `<text class="n" x="${px}" y="${bottom + 16}" text-anchor="middle">${tick(exponent)}</text>` +
      `<text class="n" x="${LEFT - 6}" y="${Number(py) + 4}" text-anchor="end">${tick(exponent)}</text>`;
  });
  const legend = shown.map(({ name, points }, i) =>
    `<circle class="k${groups.findIndex((g) => g.name === name)}" cx="${LEFT + 14}" cy="${TOP + 16 + 17 * i}" r="4"/>` +
    `<text x="${LEFT + 24}" y="${TOP + 20 + 17 * i}">${escape(name)} (${points.length})</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" ` +
    `aria-label="${escape(title)}">\n<style>${STYLE.trim()}</style>\n` +
    `<rect class="g" width="${WIDTH}" height="${HEIGHT}"/>\n` +
    `<text class="t" x="${LEFT}" y="24">${escape(title)}</text>\n${grid.join('\n')}\n` +
    `<polygon class="b" points="${[...bandAt(1.2), ...bandAt(0.8).reverse()].join(' ')}"/>\n` +
    `${shown.map(({ name, points }) => `<path class="c${groups.findIndex((g) => g.name === name)}" d="${dots(points, at)}"/>`)
      .join('\n')}\n` +
    `<path class="l" style="stroke-width:1" d="M${LEFT} ${bottom}L${right} ${TOP}"/>\n` +
    `<rect class="a" x="${LEFT}" y="${TOP}" width="${PLOT}" height="${PLOT}"/>\n${legend.join('\n')}\n` +
    `<text x="${LEFT + PLOT / 2}" y="${bottom + 38}" text-anchor="middle">measured ${escape(what)}</text>\n` +
    `<text transform="translate(16 ${TOP + PLOT / 2})rotate(-90)" text-anchor="middle">predicted ${escape(what)}</text>\n` +
    `</svg>\n`;
}
