import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

const site = join(import.meta.dirname, "..");
const repository = join(site, "..");

/** The built page on a server of its own, and a browser. */
export interface Lab {
  url: string;
  /** A fresh page, in a context of its own, that is watched for everything a page must not do. */
  open(options?: OpenOptions): Promise<LabPage>;
  close(): Promise<void>;
}

export interface OpenOptions extends BrowserContextOptions {
  hash?: string;
  /** Called before the page loads, to bend the network. */
  before?: (page: Page) => Promise<void>;
  /** Do not wait for the first digits. */
  bare?: boolean;
}

export interface LabPage {
  page: Page;
  /** Fails if the page logged an error, threw, or spoke to another origin; then closes it. */
  finish(expectedErrors?: RegExp): Promise<void>;
}

const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

async function startServer(): Promise<{ url: string; stop: () => void }> {
  for (const file of ["index.html", "engine/engine.json", "weights/mnist-2d.safetensors"]) {
    if (!existsSync(join(site, "dist", file))) throw new Error(`site/dist/${file} is missing: run make site first`);
  }
  const folder = mkdtempSync(join(tmpdir(), "vaelab-e2e-"));
  const program = join(folder, "tools");
  // Built, not `go run`: that would leave the server behind when it is told to stop.
  const env = { ...process.env, GOTOOLCHAIN: "go1.27.4", GOEXPERIMENT: "simd" };
  execFileSync("go", ["build", "-o", program, "./tools"], {
    cwd: repository,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const server: ChildProcess = spawn(program, ["serve", "--addr", "127.0.0.1:0"], { cwd: repository, env });
  const stop = () => {
    server.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  };
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    const listen = (text: Buffer) => {
      said += text;
      const address = /http:\/\/\S+\//.exec(said)?.[0];
      if (address) resolve(address);
    };
    server.stdout?.on("data", listen);
    server.stderr?.on("data", listen);
    server.on("exit", (code) => reject(new Error(`tools serve ended with ${code}: ${said}`)));
  });
  return { url, stop };
}

export async function startLab(): Promise<Lab> {
  const server = await startServer();
  const browser: Browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: chromiumArguments });
  return {
    url: server.url,
    async open({ hash = "", before, bare, ...options } = {}) {
      // A page that a failed test left behind would go on computing.
      for (const old of browser.contexts()) await old.close();
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      const page = await context.newPage();
      const errors: string[] = [];
      const foreign: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      page.on("pageerror", (error) => errors.push(error.message));
      context.on("request", (request) => {
        const { protocol, origin } = new URL(request.url());
        if (/^https?:|^wss?:/.test(protocol) && origin !== new URL(server.url).origin) foreign.push(request.url());
      });
      await before?.(page);
      await page.goto(server.url + (hash && `#${hash}`));
      if (!bare) await firstDigits(page);
      return {
        page,
        async finish(expectedErrors) {
          expect(errors.filter((text) => !expectedErrors?.test(text))).toEqual([]);
          expect(foreign).toEqual([]);
          await context.close();
        },
      };
    },
    async close() {
      await browser.close();
      server.stop();
    },
  };
}

export const firstDigits = (page: Page) =>
  page.waitForSelector('#samples canvas[aria-label*="digits sampled"]', { timeout: 60_000 });

/** What a canvas shows, as text that differs where the picture does. */
export const picture = (page: Page, selector: string): Promise<string> =>
  page.locator(selector).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

/** Waits until the canvas shows something else than `before`, and returns it. */
export async function changed(page: Page, selector: string, before: string): Promise<string> {
  await expect.poll(() => picture(page, selector), { timeout: 30_000, interval: 50 }).not.toBe(before);
  return picture(page, selector);
}

export const digit = ".big-digit";

/** The digit for the pinned point has been decoded, and nothing moves any more. */
export async function settledDigit(page: Page): Promise<string> {
  await page.waitForFunction((selector) => (document.querySelector(selector) as HTMLCanvasElement).width === 28, digit);
  let last = "";
  await expect
    .poll(
      async () => {
        const before = last;
        last = await picture(page, digit);
        return last === before;
      },
      { timeout: 30_000, interval: 300 },
    )
    .toBe(true);
  return last;
}
