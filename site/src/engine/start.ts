import { Bridge } from "./bridge";
import { bodySize, bytesOf, get, type OnProgress, reason, watched } from "./download";
import { EngineFailure } from "./failure";
import { compileEngine, loadRuntime, startEngine } from "./goruntime";
import { chooseBuild, type Manifest, readManifest } from "./manifest";
import { EngineMemory } from "./memory";
import { runnableBuilds } from "./probe";
import type { EngineCalls, EngineInfo } from "./protocol";

export interface Started {
  calls: EngineCalls;
  memory: EngineMemory;
  info: Omit<EngineInfo, "workers">;
  /** What another worker needs to start the same engine. */
  program: Program;
}

export interface Program {
  module: WebAssembly.Module;
  runtimeUrl: string; // of wasm_exec.js
}

/** Fetches the fastest build that this browser runs from baseUrl + "engine/", and starts it. */
export async function fetchEngine(
  baseUrl: string,
  onProgress: OnProgress,
  onClose: (failure: EngineFailure) => void,
): Promise<Started> {
  if (typeof WebAssembly !== "object") {
    throw new EngineFailure(
      "unsupported",
      "This browser has no WebAssembly, or it is switched off: use a newer browser.",
    );
  }
  const folder = new URL("engine/", baseUrl);
  const runtimeUrl = new URL("wasm_exec.js", folder).href;
  const runtime = loadRuntime(runtimeUrl);
  runtime.catch(() => {}); // awaited below
  const manifest = await fetchManifest(new URL("engine.json", folder).href);
  const { build, file, bytes } = chooseBuild(
    manifest,
    runnableBuilds((module) => WebAssembly.validate(module)),
  );
  const response = await get(new URL(file, folder).href, file);
  const body = watched(response, file, bytes || bodySize(response), onProgress);
  const module = await compileEngine(new Response(body, { headers: { "content-type": "application/wasm" } }));
  await runtime;
  const bridge = new Bridge(onClose);
  const memory = new EngineMemory(await startEngine(module, bridge), bridge);
  const { kernel, lanes, version } = bridge.calls.info({});
  return { calls: bridge.calls, memory, info: { kernel, build, lanes, version }, program: { module, runtimeUrl } };
}

async function fetchManifest(url: string): Promise<Manifest> {
  const response = await get(url, "engine.json");
  let json: unknown;
  try {
    json = await response.json();
  } catch (error) {
    throw new EngineFailure(
      "download",
      `engine.json is not what it should be (${reason(error)}): build the site again with make site.`,
    );
  }
  return readManifest(json, url);
}

/** The bytes of a weight file, and its name. */
export async function fetchWeights(url: string): Promise<{ bytes: Uint8Array; name: string }> {
  const name = decodeURIComponent(new URL(url).pathname.split("/").pop() || "weights");
  const response = await get(url, name);
  return { bytes: await bytesOf(watched(response, name, 0, () => {})), name };
}
