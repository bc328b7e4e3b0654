import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build, type Plugin } from "vite";
import type { BuiltFile } from "./page-cache";

// Builds the service worker after the page, because it names the page's files.

/** Files of `folder` for the service worker, and a name that changes with any of them. */
export function filesOf(folder: string): { build: string; files: BuiltFile[] } {
  const all = createHash("sha256");
  const files: BuiltFile[] = [];
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => path !== "sw.js" && !path.endsWith(".map") && !path.startsWith("data/"))
    .filter((path) => !path.startsWith("weights/") || path.endsWith(".safetensors")) // not their logs
    .sort();
  for (const path of paths) {
    const bytes = readFileSync(join(folder, path));
    all.update(`${path} ${bytes.length} `).update(bytes);
    const integrity = `sha256-${createHash("sha256").update(bytes).digest("base64")}`;
    files.push(path === "index.html" ? { path: "" } : { path, integrity });
  }
  return { build: all.digest("hex").slice(0, 16), files };
}

export function serviceWorker(): Plugin {
  let outDir = "";
  return {
    name: "service-worker",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    closeBundle: {
      order: "post",
      sequential: true,
      async handler() {
        const { build: name, files } = filesOf(outDir);
        await build({
          configFile: false,
          publicDir: false,
          logLevel: "warn",
          define: { __BUILD__: JSON.stringify(name), __FILES__: JSON.stringify(files) },
          build: {
            outDir,
            emptyOutDir: false,
            target: "es2022",
            lib: { entry: join(import.meta.dirname, "sw.ts"), formats: ["iife"], name: "sw", fileName: () => "sw.js" },
          },
        });
      },
    },
  };
}
