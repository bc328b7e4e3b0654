import { EngineFailure } from "./failure";
import type { Build } from "./probe";

/**
 * engine.json, beside the binaries: which builds of the engine were deployed, and
 * their sizes (a compressed response tells only its compressed size).
 */
export interface Manifest {
  builds: Partial<Record<Build, { file: string; bytes: number }>>;
}

/** Checks a parsed engine.json; `url` is for the message. */
export function readManifest(json: unknown, url: string): Manifest {
  const builds: Manifest["builds"] = {};
  const listed = typeof json === "object" && json !== null && "builds" in json ? json.builds : undefined;
  if (typeof listed === "object" && listed !== null) {
    for (const build of ["fma", "simd", "scalar"] as const) {
      const entry: unknown = (listed as Record<string, unknown>)[build];
      if (typeof entry !== "object" || entry === null) continue;
      const { file, bytes } = entry as Record<string, unknown>;
      // A plain file name: the manifest may not point elsewhere.
      if (typeof file === "string" && /^[\w.-]+\.wasm$/.test(file) && typeof bytes === "number" && bytes >= 0) {
        builds[build] = { file, bytes };
      }
    }
  }
  if (Object.keys(builds).length === 0) {
    throw new EngineFailure("download", `${url} lists no build of the engine: build the site again with make site.`);
  }
  return { builds };
}

/** The first of `runnable` that was deployed. */
export function chooseBuild(manifest: Manifest, runnable: Build[]): { build: Build; file: string; bytes: number } {
  for (const build of runnable) {
    const entry = manifest.builds[build];
    if (entry) return { build, ...entry };
  }
  throw new EngineFailure(
    "unsupported",
    `This browser runs the engine only as ${runnable.join(" or ")}, and the site offers ${Object.keys(manifest.builds).join(", ")}: use a newer browser.`,
  );
}
