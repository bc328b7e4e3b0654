import type { Frame } from "./map-drawing";
import type { Palette } from "./palette";

/** A path through the latent space and the points that it joins. */
export interface Trail {
  path: readonly (readonly number[])[];
  stops: readonly (readonly number[])[];
}

/** Draws the path onto the map, with its stops as numbered dots. */
export function drawTrail(context: CanvasRenderingContext2D, frame: Frame, trail: Trail, palette: Palette): void {
  const unit = frame.size / 520;
  const [a, b] = frame.axes;
  const place = (z: readonly number[]) => ({
    x: frame.warp.position(z[a] ?? 0) * frame.size,
    y: frame.latent === 1 ? frame.size / 2 : (1 - frame.warp.position(z[b] ?? 0)) * frame.size,
  });
  context.save();
  context.lineJoin = context.lineCap = "round";
  context.beginPath();
  for (const z of trail.path) {
    const { x, y } = place(z);
    context.lineTo(x, y);
  }
  for (const [colour, width] of [
    [palette.cursorHalo, 5 * unit],
    [palette.train, 2.5 * unit],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
  context.font = `700 ${Math.round(11 * unit)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  trail.stops.forEach((z, i) => {
    const { x, y } = place(z);
    context.beginPath();
    context.arc(x, y, 8.5 * unit, 0, 2 * Math.PI);
    context.fillStyle = palette.train;
    context.strokeStyle = palette.cursorHalo;
    context.lineWidth = 2 * unit;
    context.fill();
    context.stroke();
    context.fillStyle = palette.cursorHalo;
    context.fillText(String(i + 1), x, y + 0.5 * unit);
  });
  context.restore();
}
