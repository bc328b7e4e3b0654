// Draws favicon.svg's picture as the PNG icons that installing needs: node scripts/icons.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";

const folder = join(import.meta.dirname, "../public/icons");
const [background, line, dot] = [[0x3d, 0x5a, 0x9e], [0xff, 0xff, 0xff], [0xff, 0xb5, 0x3e]]; // biome-ignore format: one line

// In favicon.svg's units: a square of 32.
const funnels = [
  [[5, 8], [5, 24], [13, 18], [13, 14]],
  [[27, 8], [27, 24], [19, 18], [19, 14]],
]; // biome-ignore format: as in the SVG

/** Distance from p to the segment a–b. */
function toSegment([px, py], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

/** Signed distance to a rounded square of side 32, negative inside. */
function toSquare([px, py], radius) {
  const [qx, qy] = [Math.abs(px - 16) - 16 + radius, Math.abs(py - 16) - 16 + radius];
  return Math.hypot(Math.max(qx, 0), Math.max(qy, 0)) + Math.min(Math.max(qx, qy), 0) - radius;
}

/** A picture of size × size pixels; `zoom` below 1 leaves a margin, as masks need it. */
function draw(size, radius, zoom) {
  const rows = Buffer.alloc(size * (size * 4 + 1)); // each begins with its filter, 0
  const unit = 32 / size;
  const cover = (distance) => Math.max(0, Math.min(1, 0.5 - distance / unit));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const whole = [(x + 0.5) * unit, (y + 0.5) * unit];
      const p = whole.map((v) => (v - 16) / zoom + 16);
      const stroke = Math.min(...funnels.flatMap((f) => f.map((a, i) => toSegment(p, a, f[(i + 1) % f.length])))) - 1.1;
      const centre = Math.hypot(p[0] - 16, p[1] - 16) - 2.2;
      let colour = background;
      for (const [over, distance] of [
        [line, stroke],
        [dot, centre],
      ]) {
        const part = cover(distance * zoom);
        colour = colour.map((v, i) => v + (over[i] - v) * part);
      }
      const at = y * (size * 4 + 1) + 1 + x * 4;
      rows.set([...colour.map(Math.round), Math.round(255 * cover(toSquare(whole, radius)))], at);
    }
  }
  return rows;
}

function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function png(size, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits, RGBA
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

mkdirSync(folder, { recursive: true });
for (const [name, size, radius, zoom] of [
  ["icon-192.png", 192, 8, 1],
  ["icon-512.png", 512, 8, 1],
  ["icon-maskable-512.png", 512, 0, 0.8],
  ["apple-touch-icon.png", 180, 0, 0.9],
]) {
  writeFileSync(join(folder, name), png(size, draw(size, radius, zoom)));
}
