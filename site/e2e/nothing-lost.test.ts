import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { changed, firstDigits, picture } from "./lab";
import { type PlainHost, startPlainHost } from "./plain-host";

// On a host that sends files and nothing else.

let browser: Browser;
let host: PlainHost;
let context: BrowserContext;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
});
beforeEach(async () => {
  host = await startPlainHost();
  context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
});
afterEach(async () => {
  await context?.close();
  await host?.close();
});
afterAll(() => browser?.close());

const isolated = (page: Page) => page.evaluate(() => crossOriginIsolated).catch(() => false);
const headline = (page: Page) => page.textContent(".headline");
const train = (page: Page) => page.getByRole("button", { name: "Train", exact: true }).click();
const step = async (page: Page) =>
  Number(/step ([\d,]+) of/.exec((await headline(page)) ?? "")?.[1]?.replace(",", "") ?? 0);

/** Opens the page and waits until its service worker has made it isolated. */
async function settled(hash = ""): Promise<Page> {
  const page = await context.newPage();
  await page.goto(host.url + hash);
  await expect.poll(() => isolated(page), { timeout: 120_000, interval: 250 }).toBe(true);
  await firstDigits(page);
  return page;
}

it("the page becomes isolated by one reload, and a second visit samples and trains with the network off", {
  timeout: 400_000,
}, async () => {
  const page = await context.newPage();
  let loads = 0;
  page.on("load", () => loads++);
  await page.goto(`${host.url}#images=1000&epochs=1`);
  expect(await isolated(page)).toBe(false);
  await expect.poll(() => isolated(page), { timeout: 120_000, interval: 250 }).toBe(true);
  await firstDigits(page);
  await expect.poll(() => page.textContent(".scatter-block p"), { timeout: 120_000 }).toContain("test digits");
  expect(loads).toBe(2);
  // Of the engine's builds only the one that runs was fetched.
  expect([...new Set(host.asked.filter((path) => path.endsWith(".wasm")))]).toEqual(["engine/engine-fma.wasm"]);

  await context.setOffline(true);
  await host.close();
  await page.reload();
  await firstDigits(page);
  expect(await isolated(page)).toBe(true);
  const before = await picture(page, "#samples canvas");
  await page.getByRole("button", { name: "New digits" }).click();
  await changed(page, "#samples canvas", before);
  await train(page);
  await expect.poll(() => headline(page), { timeout: 240_000, interval: 500 }).toBe("Finished");
});

it("an interrupted run is offered after a reload, and ends as one that was not", { timeout: 900_000 }, async () => {
  const settings = "#images=1000&epochs=2&batch=64&objective=elbo&optimizer=adam";
  const page = await settled(settings);
  page.on("dialog", (dialog) => dialog.accept()); // yes, leave the page
  const finish = async (): Promise<string[]> => {
    await expect.poll(() => headline(page), { timeout: 400_000, interval: 500 }).toBe("Finished");
    await page.getByText("The numbers as a table").click();
    const rows = page.locator("#training .table-scroll tbody tr");
    await expect.poll(() => rows.count()).toBe(2);
    const cells = await rows.locator("td").allTextContents();
    return cells.filter((_, i) => i % 7 !== 6); // losses: the last column is how long the epoch took
  };
  await train(page);
  const whole = await finish();
  expect(whole.length).toBe(12);

  await page.reload();
  await firstDigits(page);
  const offer = page.locator(".notice", { hasText: "A run was interrupted" });
  expect(await offer.isVisible()).toBe(false); // a finished run is not offered
  await train(page);
  await expect.poll(() => headline(page), { timeout: 400_000, interval: 100 }).toMatch(/^Epoch 2 of 2, step [3-9]/);
  await page.getByRole("button", { name: "Pause" }).click(); // which saves
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.waitForTimeout(1500);
  await page.getByRole("button", { name: "Resume" }).click(); // steps that will be lost
  await page.reload();
  await offer.waitFor({ timeout: 120_000 });
  expect(await offer.textContent()).toMatch(
    /in epoch 2 of 2, at step \d+ of 16 \(the ELBO, 1,000 images\), saved \d+ s ago/,
  );
  await offer.getByRole("button", { name: "Go on" }).click();
  await expect.poll(() => offer.isVisible(), { timeout: 60_000 }).toBe(false);
  const again = await finish();
  expect(again).toEqual(whole); // the first epoch's row came back with the run
});

it("an interrupted run can be discarded", { timeout: 400_000 }, async () => {
  const page = await settled("#images=1000&epochs=5");
  page.on("dialog", (dialog) => dialog.accept());
  await train(page);
  await expect.poll(() => step(page), { timeout: 120_000 }).toBeGreaterThan(1);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.waitForTimeout(1500);
  await page.reload();
  const offer = page.locator(".notice", { hasText: "A run was interrupted" });
  await offer.getByRole("button", { name: "Discard" }).click({ timeout: 120_000 });
  await expect.poll(() => offer.isVisible()).toBe(false);
  await page.reload();
  await firstDigits(page);
  await page.waitForTimeout(2000);
  expect(await offer.isVisible()).toBe(false);
});

it("a new version is offered, not while a run is going, and taken over on a click", { timeout: 400_000 }, async () => {
  const page = await settled("#images=1000&epochs=5");
  const offer = page.locator(".notice", { hasText: "A new version is ready" });
  await train(page);
  await expect.poll(() => step(page), { timeout: 120_000 }).toBeGreaterThan(0);
  host.version = "// another build";
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await expect
    .poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state), { timeout: 60_000 })
    .toBe("installed");
  expect(await offer.isVisible()).toBe(false);
  await page.getByRole("button", { name: "Stop" }).click();
  await offer.waitFor();
  const loaded = page.waitForEvent("load");
  await offer.getByRole("button", { name: "Reload" }).click();
  await loaded;
  await firstDigits(page);
  expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting)).toBe(null);
  expect(await isolated(page)).toBe(true);
});
