import { type Bridge, crashed } from "./bridge";
import { EngineFailure } from "./failure";

// The one file that knows Go's runtime for WebAssembly (wasm_exec.js, of the same
// Go release as the binary).

interface GoRuntime {
  importObject: WebAssembly.Imports;
  env: Record<string, string>;
  exit: (code: number) => void;
  run(instance: WebAssembly.Instance): Promise<void>;
}

/** Loads wasm_exec.js, a classic script that defines globalThis.Go: under a policy without eval it is imported as a module. */
export async function loadRuntime(url: string): Promise<void> {
  try {
    await import(/* @vite-ignore */ url);
  } catch (error) {
    throw new EngineFailure(
      "download",
      `wasm_exec.js could not be loaded (${error instanceof Error ? error.message : error}): check the connection and try again.`,
    );
  }
}

/** Starts the engine's binary; settles once it answers calls through the bridge. */
export async function startEngine(binary: Response | BufferSource, bridge: Bridge): Promise<void> {
  const { Go } = globalThis as { Go?: new () => GoRuntime };
  if (!Go) throw new EngineFailure("download", "wasm_exec.js did not define Go: build the site again with make site.");
  const go = new Go();
  const instance = await instantiate(binary, go.importObject);
  bridge.install(globalThis);
  const ended = new Promise<never>((_, reject) => {
    const end = (why: string) => {
      const failure = crashed(why);
      bridge.close(failure);
      reject(failure);
    };
    go.exit = (code) => end(`exit code ${code}`);
    go.run(instance).then(
      () => end("its program ended"),
      (error: unknown) => end(error instanceof Error ? error.message : String(error)),
    );
  });
  await Promise.race([bridge.ready, ended]);
  ended.catch(() => {}); // after the start, the bridge tells every caller
}

async function instantiate(
  binary: Response | BufferSource,
  imports: WebAssembly.Imports,
): Promise<WebAssembly.Instance> {
  try {
    if (!(binary instanceof Response)) return (await WebAssembly.instantiate(binary, imports)).instance;
    if (typeof WebAssembly.instantiateStreaming !== "function") {
      return (await WebAssembly.instantiate(await binary.arrayBuffer(), imports)).instance;
    }
    return (await WebAssembly.instantiateStreaming(binary, imports)).instance;
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof RangeError) {
      throw new EngineFailure(
        "unsupported",
        `There is not enough memory for the engine (${why}): close other tabs and reload.`,
      );
    }
    throw new EngineFailure(
      "download",
      `The engine's binary did not arrive whole, or is not WebAssembly (${why}): reload the page.`,
    );
  }
}
