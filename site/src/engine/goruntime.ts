import { type Bridge, crashed } from "./bridge";
import { EngineFailure } from "./failure";
import type { EngineExports } from "./protocol";

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

/** Compiles the engine's binary, while it arrives where the browser can do that. */
export async function compileEngine(binary: Response | BufferSource): Promise<WebAssembly.Module> {
  try {
    if (!(binary instanceof Response)) return await WebAssembly.compile(binary);
    if (typeof WebAssembly.compileStreaming !== "function") {
      return await WebAssembly.compile(await binary.arrayBuffer());
    }
    return await WebAssembly.compileStreaming(binary);
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    throw startFailure(error);
  }
}

/** Starts the compiled engine; settles once it answers calls through the bridge. */
export async function startEngine(module: WebAssembly.Module, bridge: Bridge): Promise<EngineExports> {
  const { Go } = globalThis as { Go?: new () => GoRuntime };
  if (!Go) throw new EngineFailure("download", "wasm_exec.js did not define Go: build the site again with make site.");
  const go = new Go();
  let instance: WebAssembly.Instance;
  try {
    instance = await WebAssembly.instantiate(module, go.importObject);
  } catch (error) {
    throw startFailure(error);
  }
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
  return instance.exports as unknown as EngineExports;
}

function startFailure(error: unknown): EngineFailure {
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) {
    return new EngineFailure(
      "unsupported",
      `There is not enough memory for the engine (${why}): close other tabs and reload.`,
    );
  }
  return new EngineFailure(
    "download",
    `The engine's binary did not arrive whole, or is not WebAssembly (${why}): reload the page.`,
  );
}
