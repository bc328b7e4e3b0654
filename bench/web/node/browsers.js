import { existsSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { chromium } from "playwright-core";

const folder = join(import.meta.dirname, "..");

/** What the page's own tests start Chromium with. */
const common = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const flags = {
  cpu: [...common, "--disable-gpu"],
  // A graphics processor if there is one, otherwise Chromium's own that computes on the CPU.
  gpu: [...common, "--ignore-gpu-blocklist", "--enable-unsafe-swiftshader", "--enable-unsafe-webgpu"],
};

/** @param {"cpu" | "gpu"} kind @param {string} executable */
export function launch(kind, executable) {
  if (!existsSync(executable)) {
    throw new Error(`--chromium: ${executable} does not exist: install Chromium, or name another one`);
  }
  return chromium.launch({ executablePath: executable, args: flags[kind] });
}

const types = /** @type {Record<string, string>} */ ({ ".js": "text/javascript", ".wasm": "application/wasm" });

/**
 * An empty page of the server's origin that runs one of the built scripts, isolated as the site is.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url of the server
 * @param {"engine" | "peers"} script
 * @param {string} [build] the only build of the engine that the page is offered
 */
export async function openPage(browser, url, script, build) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const headers = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
  };
  await context.route(`${url}bench/**`, (route) => {
    const path = decodeURIComponent(new URL(route.request().url()).pathname).replace(/^\/bench\//, "");
    if (path === "") {
      const body = `<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="${script}.js"></script>`;
      return route.fulfill({ body, headers, contentType: "text/html" });
    }
    const file = path.startsWith("tfjs-wasm/")
      ? join(folder, "node_modules/@tensorflow/tfjs-backend-wasm/dist", basename(path))
      : join(folder, "dist", path.split("/").filter((part) => part !== "..").join("/")); // biome-ignore format: a path
    if (!existsSync(file)) return route.fulfill({ status: 404, body: `${path}: not found` });
    const contentType = types[extname(file)] ?? "application/octet-stream";
    return route.fulfill({ body: readFileSync(file), headers, contentType });
  });
  if (build) {
    await context.route(`${url}engine/engine.json`, async (route) => {
      const response = await route.fetch();
      const { builds } = await response.json();
      if (!builds[build]) throw new Error(`site/dist/engine has no build "${build}": run make site first`);
      await route.fulfill({ response, json: { builds: { [build]: builds[build] } } });
    });
  }
  // The page's own complaints explain a failure better than a timeout does.
  page.on("pageerror", (error) => console.error(`bench page: ${error.message}`));
  await page.goto(`${url}bench/`);
  await page.waitForFunction(() => "subject" in window, undefined, { timeout: 60_000 });
  return page;
}
