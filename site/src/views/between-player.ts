import { drawSheet } from "./digits";
import { el, field } from "./element";
import type { Palette } from "./palette";

export interface FilmData {
  pixels: Uint8Array | undefined; // n × 784, from one end of the path to the other
  palette: Palette;
}

/** Plays decoded digits there and back; begins by itself once it is seen, unless less motion is wanted. */
export class BetweenPlayer {
  /** Frames a second. */
  speed = 8;
  private readonly canvas = el("canvas", { className: "film", attrs: { role: "img" } });
  private readonly button = el("button", { type: "button", className: "primary", textContent: "Play" });
  private readonly scrubber = el("input", { type: "range", min: "0", max: "0", step: "1", value: "0" });
  private readonly speedSlider = el("input", { type: "range", min: "1", max: "30", step: "1", value: "8" });
  private readonly speedText = el("output", { className: "number" });
  private data: FilmData | undefined;
  private frame = 0;
  private forwards = true;
  private playing = false;
  private inSight = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(stage: HTMLElement, controls: HTMLElement) {
    const speed = field("Frames a second", this.speedSlider, "between-speed");
    speed.classList.add("with-value");
    this.speedText.setAttribute("aria-live", "off");
    speed.append(this.speedText);
    stage.append(this.canvas);
    controls.append(
      el("div", { className: "play" }, this.button, field("Along the path", this.scrubber, "between-frame")),
      speed,
    );
    this.button.addEventListener("click", () => this.play(!this.playing));
    this.scrubber.addEventListener("input", () => {
      this.play(false);
      this.show(Number(this.scrubber.value));
    });
    this.speedSlider.addEventListener("input", () => {
      this.speed = Number(this.speedSlider.value);
      this.showSpeed();
    });
    this.showSpeed();
    this.watch();
  }

  update(data: FilmData): void {
    const before = this.data;
    this.data = data;
    this.button.disabled = this.scrubber.disabled = this.count < 2;
    if (data.pixels === before?.pixels && data.palette === before?.palette) return;
    this.scrubber.max = String(Math.max(0, this.count - 1));
    this.show(Math.min(this.frame, this.count - 1));
    this.next();
  }

  private get count(): number {
    return (this.data?.pixels?.length ?? 0) / 784;
  }

  private play(playing: boolean): void {
    this.playing = playing;
    this.button.textContent = playing ? "Pause" : "Play";
    this.next();
  }

  /** Waits for the next frame, where there is somebody to see it. */
  private next(): void {
    if (!this.playing || this.count < 2 || !this.inSight || document.hidden) {
      clearTimeout(this.timer);
      this.timer = undefined;
      return;
    }
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.frame >= this.count - 1) this.forwards = false;
      else if (this.frame <= 0) this.forwards = true;
      this.show(this.frame + (this.forwards ? 1 : -1));
      this.next();
    }, 1000 / this.speed);
  }

  private show(frame: number): void {
    const { data } = this;
    if (!data?.pixels || frame < 0) return;
    this.frame = frame;
    const pixels = data.pixels.subarray(frame * 784, (frame + 1) * 784);
    drawSheet(this.canvas, pixels, { columns: 1, rows: 1, gap: 0 }, data.palette);
    this.scrubber.value = String(frame);
    this.scrubber.setAttribute("aria-valuetext", `digit ${frame + 1} of ${this.count}`);
    // The name must not change with each frame: the slider beside it tells which one it is.
    this.canvas.setAttribute("aria-label", `Animation of ${this.count} digits along the path`);
  }

  private showSpeed(): void {
    this.speedText.textContent = String(this.speed);
    this.speedSlider.setAttribute("aria-valuetext", `${this.speed} frames a second`);
  }

  private watch(): void {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let first = true;
    const seen = new IntersectionObserver((entries) => {
      this.inSight = entries.at(-1)!.isIntersecting;
      if (this.inSight && first) {
        first = false;
        if (!still) this.play(true);
      }
      this.next();
    });
    seen.observe(this.canvas);
    document.addEventListener("visibilitychange", () => this.next());
  }
}
