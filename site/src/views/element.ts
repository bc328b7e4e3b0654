type Child = Node | string | undefined;

/** Makes an element: properties by name, attributes under `attrs`, children after. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<Omit<HTMLElementTagNameMap[K], "style">> & { attrs?: Record<string, string> } = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const { attrs, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attrs ?? {})) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** The drawing context of a canvas; undefined where there is none, so that a page without canvas still works. */
export function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D | undefined {
  return canvas.getContext?.("2d") ?? undefined;
}

/** A labelled block of a form. */
export function field(label: string, control: HTMLElement, id: string): HTMLDivElement {
  control.id = id;
  return el("div", { className: "field" }, el("label", { htmlFor: id, textContent: label }), control);
}
