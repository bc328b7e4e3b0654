import { el } from "./element";

export interface MastheadData {
  theme: "system" | "light" | "dark";
  engine:
    | { kind: "starting"; fraction: number | undefined }
    | { kind: "ready"; text: string; slow: boolean }
    | { kind: "failed" };
}

export interface MastheadCallbacks {
  onTheme(theme: "system" | "light" | "dark"): void;
}

const themes = ["system", "light", "dark"] as const;
const names = { system: "as the system", light: "light", dark: "dark" };
const icons = { system: "◐", light: "☀", dark: "☾" };

/** Title, ways into the page, the engine's state and the colour scheme. */
export class MastheadView {
  private readonly pill = el("p", { className: "pill" });
  private readonly theme = el("button", { type: "button", className: "quiet theme" });
  private current: MastheadData["theme"] = "system";

  constructor(element: HTMLElement, callbacks: MastheadCallbacks) {
    const link = (id: string, text: string) => el("a", { href: `#${id}`, textContent: text });
    element.append(
      el(
        "div",
        { className: "brand" },
        el("h1", { textContent: "VAE Lab" }),
        el("p", {
          textContent: "A variational autoencoder squeezes every digit into two numbers and learns to draw it back.",
        }),
      ),
      el(
        "nav",
        { attrs: { "aria-label": "Parts of the page" } },
        link("samples", "Sample"),
        link("map", "Map"),
        link("draw", "Draw"),
        link("between", "Between"),
        link("training", "Train"),
        link("works", "How"),
        link("model", "Model"),
      ),
      el("div", { className: "masthead-end" }, this.pill, this.theme),
    );
    this.theme.addEventListener("click", () =>
      callbacks.onTheme(themes[(themes.indexOf(this.current) + 1) % themes.length]!),
    );
  }

  update(data: MastheadData): void {
    this.current = data.theme;
    this.theme.textContent = icons[data.theme];
    this.theme.title = `Colours: ${names[data.theme]}`;
    this.theme.setAttribute("aria-label", `Colours: ${names[data.theme]}. Change`);
    const { engine } = data;
    this.pill.dataset.state = engine.kind === "ready" && engine.slow ? "slow" : engine.kind;
    this.pill.textContent =
      engine.kind === "ready"
        ? engine.text
        : engine.kind === "failed"
          ? "engine not running"
          : engine.fraction === undefined
            ? "starting the engine"
            : `starting the engine ${Math.round(engine.fraction * 100)} %`;
  }
}
