// Makes borders.json out of Natural Earth 1:10m (public domain), as the npm package
// world-atlas packs it: the polygons of the twelve member states, and of all African
// states which have a common border and which a coast.
//
//   cd tests/verify/npm && npm ci --ignore-scripts
//   node ../../../crates/reconcile/data/borders.mjs > ../../../crates/reconcile/data/borders.json

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(`${process.cwd()}/package.json`);
const topojson = require("topojson-client");
const atlas = JSON.parse(readFileSync(require.resolve("world-atlas/countries-10m.json")));

// ISO 3166-1 numeric and alpha-2 codes of Africa.
const AFRICA = Object.fromEntries(
  `012 DZ,024 AO,204 BJ,072 BW,854 BF,108 BI,132 CV,120 CM,140 CF,148 TD,174 KM,178 CG,180 CD,
   384 CI,262 DJ,818 EG,226 GQ,232 ER,748 SZ,231 ET,266 GA,270 GM,288 GH,324 GN,624 GW,404 KE,
   426 LS,430 LR,434 LY,450 MG,454 MW,466 ML,478 MR,480 MU,504 MA,508 MZ,516 NA,562 NE,566 NG,
   646 RW,678 ST,686 SN,690 SC,694 SL,706 SO,710 ZA,728 SS,729 SD,834 TZ,768 TG,788 TN,800 UG,
   894 ZM,716 ZW,732 EH`.split(",").map((pair) => pair.trim().split(" ")),
);
const MEMBERS = ["AO", "BI", "CF", "CG", "CD", "KE", "RW", "SS", "SD", "TZ", "UG", "ZM"];

const geometries = atlas.objects.countries.geometries;
const adjacent = topojson.neighbors(geometries);
const arcsOf = (geometry) => geometry.arcs.flat(Infinity).map((arc) => (arc < 0 ? ~arc : arc));
const owners = new Map();
for (const geometry of geometries)
  for (const arc of arcsOf(geometry)) owners.set(arc, (owners.get(arc) ?? 0) + 1);

const states = geometries
  .map((geometry, at) => ({ code: AFRICA[geometry.id], geometry, at }))
  .filter((state) => state.code);
if (states.length !== Object.keys(AFRICA).length)
  throw new Error(`${states.length} of ${Object.keys(AFRICA).length} states are in the atlas`);

const neighbours = {};
const coast = [];
for (const { code, geometry, at } of states) {
  const codes = adjacent[at].map((other) => AFRICA[geometries[other].id]).filter(Boolean);
  neighbours[code] = [...new Set(codes)].sort();
  if (arcsOf(geometry).some((arc) => owners.get(arc) === 1)) coast.push(code);
}

const degrees = (ring) => ring.map((point) => point.map((one) => Math.round(one * 1e4)));
const polygons = {};
for (const { code, geometry } of states.filter((state) => MEMBERS.includes(state.code))) {
  const shape = topojson.feature(atlas, geometry).geometry;
  const parts = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  polygons[code] = parts.map((rings) => rings.map(degrees));
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort());
const lines = (object) =>
  Object.entries(sorted(object)).map(([code, value]) => `    "${code}": ${JSON.stringify(value)}`);
process.stdout.write(`{
  "source": "Natural Earth 1:10m (public domain), by world-atlas 2.0.2; longitude and latitude in ten-thousandths of a degree",
  "coast": ${JSON.stringify(coast.sort())},
  "neighbours": {
${lines(neighbours).join(",\n")}
  },
  "polygons": {
${lines(polygons).join(",\n")}
  }
}
`);
