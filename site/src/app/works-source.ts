import forward from "../../../core/nn/forward.go?raw";
import objective from "../../../core/nn/objective.go?raw";
import conv from "../../../core/ref/conv.go?raw";
import convTranspose from "../../../core/ref/convtranspose.go?raw";
import dense from "../../../core/ref/dense.go?raw";
import refObjective from "../../../core/ref/objective.go?raw";
import type { Snippet, SnippetName } from "../views/works-stages";

// The Go source that stands beside each formula is cut out of the very files that the
// engine is built from (core/nn), or that it is tested against (core/ref).

/** The lines of a Go function or method of that name, from `func` to its closing brace. */
export function functionOf(source: string, name: string): string[] {
  const lines = source.split("\n");
  const starts = lines.flatMap((line, i) => (new RegExp(`^func (\\([^)]*\\) )?${name}[[(]`).test(line) ? [i] : []));
  const end = lines.indexOf("}", starts[0]);
  if (starts.length !== 1 || end < 0) throw new Error(`works-source: ${starts.length} functions ${name}, want 1`);
  return lines.slice(starts[0], end + 1);
}

/** Its lines from the one that holds `from` to the next that holds `to`, without the indentation that they share. */
export function regionOf(source: string, name: string, from = "", to = from): string {
  const body = functionOf(source, name);
  const start = from ? body.findIndex((line) => line.includes(from)) : 0;
  const end = to ? body.findIndex((line, i) => i >= start && line.includes(to)) : body.length - 1;
  if (start < 0 || end < 0) throw new Error(`works-source: ${name} has no lines from "${from}" to "${to}"`);
  const lines = body.slice(start, end + 1);
  const indent = Math.min(...lines.filter((line) => line !== "").map((line) => /^\t*/.exec(line)![0].length));
  return lines.map((line) => line.slice(indent).replaceAll("\t", "  ")).join("\n");
}

const piece = (file: string, source: string, name: string, from?: string, to?: string): Snippet => ({
  where: `${file}, ${name}`,
  code: regionOf(source, name, from, to),
});

/** Every snippet; throws where the source has moved on, which test/works.test.ts notices. */
export function snippets(): Record<SnippetName, Snippet> {
  const engine = (name: string, from?: string, to?: string) => piece("core/nn/forward.go", forward, name, from, to);
  return {
    conv1: engine("Encode", "kernel.ThinConv("),
    conv2: engine("Encode", "kernel.Conv(w.a2"),
    conv3: engine("Encode", "w.conv3.forward"),
    conv4: engine("Encode", "w.conv4.forward"),
    hidden: engine("Encode", "kernel.Dense(w.hidden"),
    heads: engine("Encode", "kernel.Dense(w.mean", "kernel.Dense(w.logVar"),
    reparameterise: engine("Reparameterise"),
    decoderIn: engine("DecodeHidden", "kernel.Dense(w.flat"),
    deconv: engine("DecodeImage", "kernel.ConvTranspose("),
    output: engine("DecodeImage", "kernel.ThinOut("),
    sigmoid: engine("Sigmoid"),
    convolution: piece("core/ref/conv.go", conv, "Conv", "sum := ", "= T(sum)"),
    transposed: piece("core/ref/convtranspose.go", convTranspose, "ConvTranspose", "sum := ", "= T(sum)"),
    dense: piece("core/ref/dense.go", dense, "Dense"),
    crossEntropy: piece("core/ref/objective.go", refObjective, "crossEntropy"),
    kl: piece("core/nn/objective.go", objective, "kl"),
  };
}
