import type { Frame } from "./map-drawing";
import type { Palette } from "./palette";

/** q(z|x) of one digit: a normal with independent axes. */
export interface Posterior {
  mean: readonly number[];
  sigma: readonly number[]; // standard deviations
}

/** The points of the ellipse μ ± scale·σ on the map's two axes, in latent values. */
export function ellipse(posterior: Posterior, axes: readonly [number, number], scale: number, n = 72) {
  const [a, b] = axes;
  return Array.from({ length: n }, (_, i) => {
    const turn = (2 * Math.PI * i) / n;
    return [
      posterior.mean[a]! + scale * (posterior.sigma[a] ?? 0) * Math.cos(turn),
      (posterior.mean[b] ?? 0) + scale * (posterior.sigma[b] ?? 0) * Math.sin(turn),
    ] as const;
  });
}

/** Draws the posterior onto the map: a cross at μ, and the ellipses of one and two σ, bent as the map's axes are. */
export function drawPosterior(
  context: CanvasRenderingContext2D,
  frame: Frame,
  posterior: Posterior,
  palette: Palette,
): void {
  const unit = frame.size / 520;
  const flat = frame.latent === 1;
  const place = ([a, b]: readonly [number, number]) =>
    [frame.warp.position(a) * frame.size, flat ? b : (1 - frame.warp.position(b)) * frame.size] as const;
  context.save();
  context.lineJoin = "round";
  for (const scale of [2, 1]) {
    context.beginPath();
    if (flat) {
      // One axis has no ellipse: two lines where the interval ends.
      for (const sign of [-1, 1]) {
        const [x] = place([posterior.mean[0]! + sign * scale * posterior.sigma[0]!, 0]);
        context.moveTo(x, 0);
        context.lineTo(x, frame.size);
      }
    } else {
      for (const point of ellipse(posterior, frame.axes, scale)) context.lineTo(...place(point));
      context.closePath();
    }
    context.setLineDash(scale === 2 ? [5 * unit, 4 * unit] : []);
    for (const [colour, width] of [
      [palette.cursorHalo, 4.5 * unit],
      [palette.validation, 2 * unit],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
  }
  context.setLineDash([]);
  const [x, y] = place([posterior.mean[frame.axes[0]]!, flat ? frame.size / 2 : posterior.mean[frame.axes[1]]!]);
  const arm = 5 * unit;
  context.beginPath();
  context.moveTo(x - arm, y);
  context.lineTo(x + arm, y);
  context.moveTo(x, y - arm);
  context.lineTo(x, y + arm);
  for (const [colour, width] of [
    [palette.cursorHalo, 4.5 * unit],
    [palette.validation, 2 * unit],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
  context.restore();
}
