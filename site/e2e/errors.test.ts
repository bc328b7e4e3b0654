import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { firstDigits, type Lab, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

const networkErrors = /Failed to load resource|net::ERR/;

/** Requests whose address ends so fail until `mend` is called. */
function breaker(ending: RegExp) {
  let broken = true;
  return {
    mend: () => {
      broken = false;
    },
    before: async (page: Page) => {
      await page.context().route(ending, (route) => (broken ? route.abort() : route.continue()));
    },
  };
}

it("the engine's download failed: says so, and tries again", async () => {
  const { before, mend } = breaker(/engine\/.*\.wasm$/);
  const { page, finish } = await lab.open({ before, bare: true });
  const notice = page.locator(".notice.error");
  await notice.waitFor();
  expect(await notice.textContent()).toContain("The engine could not be downloaded");
  expect(await page.getByRole("button", { name: "Train", exact: true }).isDisabled()).toBe(true);
  mend();
  await notice.getByRole("button", { name: "Try again" }).click();
  await firstDigits(page);
  await finish(networkErrors);
});

it("the pretrained weights failed: says so, starts untrained, and tries again", async () => {
  const { before, mend } = breaker(/weights\/.*\.safetensors$/);
  const { page, finish } = await lab.open({ before });
  const notice = page.locator(".notice.error");
  await notice.waitFor();
  expect(await notice.textContent()).toContain("pretrained weights could not be loaded");
  expect(await page.textContent("#samples .veil")).toContain("untrained");
  expect(await page.getByRole("button", { name: "Train", exact: true }).isEnabled()).toBe(true);
  mend();
  await notice.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => page.textContent("#model .facts")).toContain("pretrained, shipped");
  expect(await page.locator("#samples .veil").isVisible()).toBe(false);
  await finish(networkErrors);
});

it("a copy without weights says so", async () => {
  const { page, finish } = await lab.open({
    before: async (page) => {
      await page.context().route(/\.safetensors$/, (route) => route.fulfill({ status: 404, body: "not found" }));
    },
  });
  expect(await page.locator(".notice").first().textContent()).toContain("No pretrained weights here");
  await finish(networkErrors);
});

it("the digits' download failed: says so, and tries again", async () => {
  const { before, mend } = breaker(/data\/t10k-images.*\.gz$/);
  const { page, finish } = await lab.open({ before });
  const again = page.locator(".scatter-block").getByRole("button", { name: "Try again" });
  await again.waitFor({ timeout: 60_000 });
  expect(await page.textContent(".scatter-block p")).toContain("t10k-images");
  mend();
  await again.click();
  await expect.poll(() => page.textContent(".scatter-block p"), { timeout: 60_000 }).toContain("test digits");
  await finish(networkErrors);
});

it("without SIMD the scalar build runs, and the page says so", async () => {
  const { page, finish } = await lab.open({
    // As in a browser that can run nothing faster.
    before: async (page) => {
      await page.context().route(/engine\/engine\.json$/, async (route) => {
        const response = await route.fetch();
        const { builds } = (await response.json()) as { builds: Record<string, unknown> };
        await route.fulfill({ response, json: { builds: { scalar: builds.scalar } } });
      });
    },
  });
  expect(await page.textContent(".notice.warning")).toContain("no WebAssembly SIMD");
  expect(await page.textContent(".pill")).toContain("no SIMD");
  expect(await page.textContent("#model")).toContain("the slower, scalar build is running");
  await finish();
});

it("a worker that crashed can be started again", async () => {
  const { page, finish } = await lab.open();
  await page.workers()[0]!.evaluate(() => {
    setTimeout(() => {
      throw new Error("out of luck");
    });
  });
  const notice = page.locator(".notice.error", { hasText: "The engine stopped" });
  await notice.waitFor();
  expect(await page.textContent(".pill")).toContain("not running");
  await notice.getByRole("button", { name: "Start again" }).click();
  await expect.poll(() => page.getAttribute(".pill", "data-state"), { timeout: 60_000 }).toBe("ready");
  await page.getByRole("button", { name: "New digits" }).click();
  await expect.poll(() => page.getAttribute("#samples canvas", "aria-label")).toContain("seed 2");
  await finish(/out of luck/);
});
