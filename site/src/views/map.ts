import { drawTrail, type Trail } from "./between-trail";
import type { Sheet } from "./digits";
import { drawSheet } from "./digits";
import { drawPosterior, type Posterior } from "./draw-posterior";
import { context2d, el } from "./element";
import { drawCursor, drawGrid, drawManifold, drawPoints, type Frame, type Points } from "./map-drawing";
import { axisName, MapPanel, type MapPanelData } from "./map-panel";
import type { Palette } from "./palette";
import { evenWarp, quantileWarp, warpOf } from "./warp";

export interface MapData extends MapPanelData {
  z: readonly number[]; // the pinned point, of latent length
  manifold: { pixels: Uint8Array; n: number } | undefined;
  points: Points | undefined;
  posterior?: Posterior | undefined; // q(z|x) of a drawing
  trail?: Trail | undefined; // the path between points
  palette: Palette;
  live: boolean;
}

export interface MapCallbacks {
  /** The cursor is at z (of latent length) for now: show its digit. */
  onLook(z: number[]): void;
  /** z is pinned. */
  onPin(z: number[]): void;
  onChange(
    change: Partial<{
      axes: [number, number];
      hidden: number[];
      manifold: boolean;
      scatter: boolean;
      spacing: "quantile" | "even";
    }>,
  ): void;
  onLoadData(): void;
}

const pinning = new Set(["Enter", " "]);

/** The latent space as a map: what the decoder draws everywhere, and where test digits lie. */
export class MapView {
  private readonly base = el("canvas", { attrs: { "aria-hidden": "true" } });
  private readonly dots = el("canvas", { attrs: { "aria-hidden": "true" } });
  private readonly top = el("canvas", { attrs: { "aria-hidden": "true" } });
  private readonly plot = el("div", {
    className: "map-plot",
    tabIndex: 0,
    attrs: {
      role: "application",
      "aria-roledescription": "latent map",
      "aria-label": "Latent map. Arrow keys move the point, Enter pins it, Home goes to the origin.",
      "aria-describedby": "map-z",
    },
  });
  private readonly badge = el("span", { className: "badge", textContent: "live", hidden: true });
  private readonly ticksX = el("div", { className: "ticks ticks-x", attrs: { "aria-hidden": "true" } });
  private readonly ticksY = el("div", { className: "ticks ticks-y", attrs: { "aria-hidden": "true" } });
  private readonly tiles = el("canvas");
  private readonly panel: MapPanel;
  private data: MapData | undefined;
  private cursor: number[] | undefined; // undefined: at the pinned point
  private dragging = false;
  private size = 0;
  private wasCovered = false;

  constructor(
    element: HTMLElement,
    private readonly callbacks: MapCallbacks,
  ) {
    const aside = el("div", { className: "map-side" });
    this.panel = new MapPanel(aside, {
      onChange: (change) => callbacks.onChange(change),
      onSlide: (dimension, value) => {
        const z = [...(this.data?.z ?? [])];
        z[dimension] = value;
        this.cursor = undefined;
        callbacks.onPin(z);
      },
      onLoadData: () => callbacks.onLoadData(),
    });
    this.plot.append(this.base, this.dots, this.top);
    element.append(
      el(
        "div",
        { className: "card-head" },
        el("h2", { id: "map-title", textContent: "The map of all digits" }),
        this.badge,
      ),
      el("p", {
        className: "lead",
        textContent:
          "Every point is a digit. Move over the map, drag on touch screens or use the arrow keys; a click pins.",
      }),
      el(
        "div",
        { className: "map-body" },
        el("div", { className: "map-frame" }, this.ticksY, this.plot, this.ticksX),
        aside,
      ),
    );
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.plot);
  }

  update(data: MapData): void {
    const before = this.data;
    this.data = data;
    this.badge.hidden = !data.live;
    if (before?.latent !== data.latent) this.cursor = undefined;
    this.panel.update(data);
    this.panel.showPoint(this.cursor ?? data.z, data.axes, this.cursor === undefined);
    if (before?.spacing !== data.spacing || before.axes !== data.axes || before.latent !== data.latent)
      this.drawTicks();
    const changed = (...names: (keyof MapData)[]) => names.some((name) => before?.[name] !== data[name]);
    const frame = changed("spacing", "axes", "latent", "palette");
    if (frame || changed("manifold", "showManifold") || this.isCovered !== this.wasCovered) this.drawBase();
    if (frame || changed("points", "showScatter", "hidden")) this.drawDots();
    this.drawTop();
  }

  /** The digit that the decoder draws for the point last looked at. */
  showDigit(pixels: Uint8Array): void {
    if (this.data) this.panel.showDigit(pixels, this.data.palette);
  }

  private get frame(): Frame | undefined {
    const { data } = this;
    return data && { latent: data.latent, axes: data.axes, warp: warpOf(data.spacing), size: this.size };
  }

  /** Points lie on the grid, which then steps back. */
  private get isCovered(): boolean {
    return (this.data?.showScatter && (this.data.points?.count ?? 0) > 0) ?? false;
  }

  private resize(): void {
    const size = Math.round(this.plot.clientWidth * Math.min(2, window.devicePixelRatio || 1));
    if (size === this.size || size === 0) return;
    this.size = size;
    for (const canvas of [this.base, this.dots, this.top]) canvas.width = canvas.height = size;
    this.drawBase();
    this.drawDots();
    this.drawTop();
  }

  private drawBase(): void {
    const { data, frame } = this;
    const context = context2d(this.base);
    if (!context || !data || !frame || this.size === 0) return;
    this.wasCovered = this.isCovered;
    context.clearRect(0, 0, this.size, this.size);
    if (data.showManifold && data.manifold) {
      const { pixels, n } = data.manifold;
      const sheet: Sheet = { columns: n, rows: data.latent === 1 ? 1 : n, gap: 0 };
      drawSheet(this.tiles, pixels, sheet, data.palette);
      drawManifold(context, frame, this.tiles, sheet, this.isCovered ? 0.5 : 1);
    }
    drawGrid(context, frame, data.palette);
  }

  private drawDots(): void {
    const { data, frame } = this;
    const context = context2d(this.dots);
    if (!context || !data || !frame || this.size === 0) return;
    context.clearRect(0, 0, this.size, this.size);
    if (data.showScatter && data.points) drawPoints(context, frame, data.points, data.hidden, data.palette);
  }

  private drawTop(): void {
    const { data, frame } = this;
    const context = context2d(this.top);
    if (!context || !data || !frame || this.size === 0) return;
    context.clearRect(0, 0, this.size, this.size);
    const [a, b] = data.axes;
    if (data.trail) drawTrail(context, frame, data.trail, data.palette);
    if (data.posterior) drawPosterior(context, frame, data.posterior, data.palette);
    const of = (z: readonly number[]) => [z[a] ?? 0, z[b] ?? 0] as const;
    drawCursor(context, frame, of(data.z), of(this.cursor ?? data.z), data.palette);
  }

  private drawTicks(): void {
    const { data } = this;
    if (!data) return;
    const warp = warpOf(data.spacing);
    const label = (tick: number) => (tick < 0 ? `−${-tick}` : String(tick));
    const nameX = el("b", { textContent: axisName(data.axes[0]) });
    const nameY = el("b", { textContent: data.latent > 1 ? axisName(data.axes[1]) : "" });
    // Axis names stand between the last two ticks.
    const middle = (warp.position(warp.ticks.at(-1)!) + warp.position(warp.ticks.at(-2)!)) / 2;
    nameX.style.left = `${middle * 100}%`;
    nameY.style.top = `${(1 - middle) * 100}%`;
    this.ticksX.replaceChildren(nameX);
    this.ticksY.replaceChildren(nameY);
    for (const tick of warp.ticks) {
      const across = el("span", { textContent: label(tick) });
      across.style.left = `${warp.position(tick) * 100}%`;
      this.ticksX.append(across);
      if (data.latent === 1) continue;
      const up = el("span", { textContent: label(tick) });
      up.style.top = `${(1 - warp.position(tick)) * 100}%`;
      this.ticksY.append(up);
    }
  }

  /** z under the pointer, other dimensions as pinned. */
  private under(event: PointerEvent): number[] | undefined {
    const { data } = this;
    const box = this.plot.getBoundingClientRect();
    if (!data || box.width === 0) return undefined;
    const clamp = (x: number) => Math.max(0, Math.min(1, x));
    const warp = warpOf(data.spacing);
    const z = [...data.z];
    z[data.axes[0]] = warp.value(clamp((event.clientX - box.left) / box.width));
    if (data.latent > 1) z[data.axes[1]] = warp.value(1 - clamp((event.clientY - box.top) / box.height));
    return z;
  }

  private look(z: number[] | undefined): void {
    const { data } = this;
    if (!data) return;
    this.cursor = z;
    this.panel.showPoint(z ?? data.z, data.axes, z === undefined);
    this.drawTop();
    this.callbacks.onLook([...(z ?? data.z)]);
  }

  private pin(z: number[]): void {
    this.cursor = undefined;
    // At once: a pointer that leaves before the next update must find the new pin, not the old one.
    if (this.data) this.data = { ...this.data, z };
    this.panel.showPoint(z, this.data?.axes ?? [0, 1], true);
    this.drawTop();
    this.callbacks.onPin(z);
  }

  private listen(): void {
    this.plot.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch" && !this.dragging) return;
      this.look(this.under(event));
    });
    this.plot.addEventListener("pointerdown", (event) => {
      this.dragging = true;
      this.plot.setPointerCapture?.(event.pointerId);
      this.look(this.under(event));
    });
    this.plot.addEventListener("pointerup", (event) => {
      if (!this.dragging) return;
      this.dragging = false;
      const z = this.under(event);
      if (z) this.pin(z);
    });
    this.plot.addEventListener("pointercancel", () => {
      this.dragging = false;
      this.look(undefined);
    });
    this.plot.addEventListener("pointerleave", () => {
      if (!this.dragging) this.look(undefined);
    });
    this.plot.addEventListener("keydown", (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    const { data } = this;
    if (!data || event.ctrlKey || event.metaKey || event.altKey) return;
    const z = [...(this.cursor ?? data.z)];
    const [a, b] = data.latent > 1 ? data.axes : [data.axes[0], data.axes[0]];
    const step = event.shiftKey ? 0.5 : 0.1;
    const limit = data.spacing === "even" ? evenWarp.value(1) : quantileWarp.value(1);
    const move = (axis: number, by: number) => {
      z[axis] = Math.max(-limit, Math.min(limit, Math.round(((z[axis] ?? 0) + by) * 1000) / 1000));
    };
    if (event.key === "ArrowLeft") move(a, -step);
    else if (event.key === "ArrowRight") move(a, step);
    else if (event.key === "ArrowDown") move(b, -step);
    else if (event.key === "ArrowUp") move(b, step);
    else if (event.key === "Home") z[a] = z[b] = 0;
    else if (event.key === "Escape") {
      this.look(undefined);
      return;
    } else if (pinning.has(event.key)) {
      event.preventDefault();
      this.pin(z);
      return;
    } else return;
    event.preventDefault();
    this.look(z);
  }
}
