import { el } from "./element";

/** Names of the form's fields, with text as it is typed. */
export type FormField =
  | "from"
  | "objective"
  | "beta"
  | "optimizer"
  | "learningRate"
  | "batch"
  | "epochs"
  | "images"
  | "seed"
  | "latent";

export interface FormData {
  text: Record<FormField, string>;
  errors: Partial<Record<FormField, string>>;
  preset: "book" | "elbo" | undefined;
  disabled: boolean;
  canContinue: boolean; // weights are loaded, so a run may start from them
}

export interface FormCallbacks {
  onEdit(field: FormField, text: string): void;
  onPreset(preset: "book" | "elbo"): void;
}

interface Description {
  field: FormField;
  label: string;
  hint: string;
  options?: readonly (readonly [value: string, text: string])[];
}

const descriptions: readonly Description[] = [
  {
    field: "images",
    label: "Images",
    hint: "How many of the 60,000 training digits to learn from, 1,000 or more; fewer is faster and blurrier.",
  },
  { field: "epochs", label: "Epochs", hint: "How many times the run goes through all its images." },
  {
    field: "from",
    label: "Start from",
    hint: "Scratch begins with random weights; loaded goes on from the model on this page.",
    options: [
      ["scratch", "scratch"],
      ["loaded", "the loaded weights"],
    ],
  },
  {
    field: "objective",
    label: "Objective",
    hint: "The book’s loss weighs the KL term at about .39 and samples a wider z; the ELBO is the textbook’s bound, in nats.",
    options: [
      ["seed", "the book’s loss"],
      ["elbo", "ELBO"],
    ],
  },
  {
    field: "beta",
    label: "β",
    hint: "Weight of the KL term in the ELBO: above 1 a tidier latent space, below 1 sharper digits.",
  },
  {
    field: "latent",
    label: "Latent size",
    hint: "How many numbers a digit is squeezed into, 1 to 128; two make a map.",
  },
  {
    field: "optimizer",
    label: "Optimizer",
    hint: "How a gradient becomes a step; the book used RMSprop, Keras 3 moved its ε inside the root.",
    options: [
      ["rmsprop", "RMSprop (Keras 2)"],
      ["rmsprop-keras3", "RMSprop (Keras 3)"],
      ["adam", "Adam"],
    ],
  },
  {
    field: "learningRate",
    label: "Learning rate",
    hint: "How long each step is; too long and the loss explodes, too short and nothing moves.",
  },
  {
    field: "batch",
    label: "Batch",
    hint: "How many images share one step; small batches are noisier and step more often.",
  },
  { field: "seed", label: "Seed", hint: "Fixes weights, shuffles and noise: the same seed gives the same run." },
];

/** How many of them are always in sight. */
const firstFields = 3;

/** The settings of a run, each with what it does and, where it is wrong, why. */
export class TrainingForm {
  readonly element: HTMLElement;
  private readonly controls = new Map<FormField, HTMLInputElement | HTMLSelectElement>();
  private readonly messages = new Map<FormField, HTMLElement>();
  private readonly rows = new Map<FormField, HTMLElement>();
  private readonly presets: Record<"book" | "elbo", HTMLButtonElement>;
  private readonly more: HTMLDetailsElement;
  private readonly continueOption: HTMLOptionElement;

  constructor(callbacks: FormCallbacks) {
    const preset = (name: "book" | "elbo", title: string, text: string) => {
      const button = el(
        "button",
        { type: "button", className: "preset" },
        el("strong", { textContent: title }),
        el("span", { textContent: text }),
      );
      button.addEventListener("click", () => callbacks.onPreset(name));
      return button;
    };
    this.presets = {
      book: preset("book", "The book", "its loss, RMSprop, batches of 16"),
      elbo: preset("elbo", "ELBO", "β = 1, Adam, batches of 128"),
    };
    const grid = el("div", { className: "form-grid" });
    const more = el("div", { className: "form-grid" });
    descriptions.forEach((description, i) => {
      (i < firstFields ? grid : more).append(this.row(description, callbacks));
    });
    this.more = el("details", { className: "more" }, el("summary", { textContent: "More settings" }), more);
    // A phone shows the button before the fine print.
    this.more.open = matchMedia("(min-width: 1001px)").matches;
    this.element = el(
      "div",
      { className: "training-form" },
      el(
        "div",
        { className: "presets", attrs: { role: "group", "aria-label": "Presets" } },
        this.presets.book,
        this.presets.elbo,
      ),
      grid,
      this.more,
    );
    this.continueOption = (this.controls.get("from") as HTMLSelectElement).options[1]!;
  }

  update(data: FormData): void {
    for (const [name, control] of this.controls) {
      if (document.activeElement !== control || control instanceof HTMLSelectElement) control.value = data.text[name];
      const off = name === "latent" && data.text.from === "loaded";
      control.disabled = data.disabled || off;
      const error = data.errors[name];
      control.setAttribute("aria-invalid", String(error !== undefined));
      const message = this.messages.get(name)!;
      message.textContent = error ?? "";
      message.hidden = error === undefined;
      this.rows.get(name)!.classList.toggle("wrong", error !== undefined);
    }
    this.rows.get("beta")!.hidden = data.text.objective !== "elbo";
    this.continueOption.disabled = !data.canContinue;
    for (const name of ["book", "elbo"] as const) {
      this.presets[name].disabled = data.disabled;
      this.presets[name].setAttribute("aria-pressed", String(data.preset === name));
    }
  }

  /** Moves the focus to the first field that is wrong. */
  focusError(errors: FormData["errors"]): void {
    const wrong = descriptions.find(({ field }) => errors[field] !== undefined);
    if (!wrong) return;
    if (descriptions.indexOf(wrong) >= firstFields) this.more.open = true;
    this.controls.get(wrong.field)?.focus();
  }

  private row({ field, label, hint, options }: Description, callbacks: FormCallbacks): HTMLElement {
    const id = `train-${field}`;
    const control = options
      ? el("select", { id }, ...options.map(([value, text]) => el("option", { value, textContent: text })))
      : el("input", { id, type: "text", inputMode: "decimal", autocomplete: "off" });
    control.setAttribute("aria-describedby", `${id}-error ${id}-hint`);
    control.addEventListener(options ? "change" : "input", () => callbacks.onEdit(field, control.value));
    const message = el("p", { id: `${id}-error`, className: "error-text", hidden: true });
    const row = el(
      "div",
      { className: "field" },
      el("label", { htmlFor: id, textContent: label }),
      control,
      message,
      el("p", { id: `${id}-hint`, className: "hint", textContent: hint }),
    );
    this.controls.set(field, control);
    this.messages.set(field, message);
    this.rows.set(field, row);
    return row;
  }
}
