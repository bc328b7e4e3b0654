import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changed, digit, type Lab, picture, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

const train = (page: Page) => page.getByRole("button", { name: "Train", exact: true }).click();
const headline = (page: Page) => page.textContent(".headline");
const step = async (page: Page) =>
  Number(/step ([\d,]+) of/.exec((await headline(page)) ?? "")?.[1]?.replace(",", "") ?? 0);
const loss = async (page: Page) => Number(/loss ([\d.]+)/.exec((await page.textContent(".detail")) ?? "")?.[1]);

it("2,000 digits × 1 epoch train in the tab, the loss falls, and everything follows", {
  timeout: 600_000,
}, async () => {
  const { page, finish } = await lab.open({ hash: "images=2000&epochs=1&theme=light" });
  const before = await picture(page, "#samples canvas");
  await train(page);
  await expect.poll(() => step(page), { timeout: 120_000 }).toBeGreaterThan(3);
  const firstLoss = await loss(page);
  await changed(page, "#samples canvas", before); // the samples follow while it trains
  expect(await page.locator("#samples .badge").isVisible()).toBe(true);
  await expect.poll(() => headline(page), { timeout: 480_000, interval: 500 }).toBe("Finished");
  expect(await loss(page)).toBeLessThan(firstLoss * 0.85);

  await page.getByText("The numbers as a table").click();
  const cells = (await page.locator("#training .table-scroll tbody td").allTextContents()).map(Number);
  const [trainLoss, validationLoss, reconstruction, , kl] = cells as [number, number, number, number, number];
  expect(trainLoss).toBeLessThan(0.5);
  expect(validationLoss).toBeLessThan(trainLoss); // the epoch's mean began with random weights
  expect(validationLoss).toBeGreaterThan(0.15);
  expect(reconstruction).toBeGreaterThan(kl);
  await page.locator("#loss-unit").selectOption("nats");
  const first = page.locator("#training .table-scroll tbody td").first();
  await expect.poll(async () => Number(await first.textContent()) / 784).toBeCloseTo(trainLoss, 3);
  expect(await page.textContent("#model .facts")).toContain("trained in this tab");
  expect(await page.locator(".chart-canvas").first().getAttribute("aria-label")).toMatch(/validation \d/);
  await finish();
});

it("pauses, resumes, asks before the tab closes, and stops", { timeout: 400_000 }, async () => {
  const { page, finish } = await lab.open({ hash: "images=1000&epochs=5" });
  await train(page);
  await expect.poll(() => step(page), { timeout: 120_000 }).toBeGreaterThan(1);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.waitForTimeout(500); // reports under way
  const paused = await step(page);
  await page.waitForTimeout(2500);
  expect(await step(page)).toBe(paused);
  // The map answers while the run rests.
  const still = await picture(page, digit);
  await page.locator(".map-plot").focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("Shift+ArrowRight");
  await changed(page, digit, still);

  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(() => step(page), { timeout: 60_000 }).toBeGreaterThan(paused);

  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();

  await page.getByRole("button", { name: "Stop" }).click();
  await expect.poll(() => headline(page), { timeout: 60_000 }).toBe("Stopped");
  expect(await page.getByRole("button", { name: "Train again" }).isEnabled()).toBe(true);
  await finish();
});

it("a latent space of three has sliders, one of one has lanes", { timeout: 400_000 }, async () => {
  for (const latent of [3, 1]) {
    const { page, finish } = await lab.open({ hash: `images=1000&epochs=1&batch=64&latent=${latent}` });
    await train(page);
    await expect.poll(() => step(page), { timeout: 120_000 }).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Stop" }).click();
    await expect.poll(() => headline(page), { timeout: 60_000 }).toBe("Stopped");
    const slider = page.locator(".sliders input:visible");
    expect(await slider.count()).toBe(latent === 3 ? 1 : 0);
    const before = await picture(page, digit);
    if (latent === 3) {
      await slider.fill("3");
      await expect.poll(() => page.url()).toContain("z=0,0,3");
    } else {
      await page.locator(".map-plot").focus();
      for (let i = 0; i < 5; i++) await page.keyboard.press("Shift+ArrowRight");
      expect(await page.textContent("#map-z")).toBe("z = (2.50)");
    }
    await changed(page, digit, before);
    await finish();
  }
});

it("a field that is wrong says why, and holds the run back", async () => {
  const { page, finish } = await lab.open();
  await page.locator("#train-images").fill("500");
  await expect
    .poll(() => page.textContent("#train-images-error"))
    .toBe("The number of images must be from 1,000 to 60,000.");
  await train(page);
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("train-images");
  expect(await headline(page)).toBe("Ready when you are");
  await page.locator("#train-images").fill("2 000");
  await expect.poll(() => page.locator("#train-images-error").isVisible()).toBe(false);
  await expect.poll(() => page.url()).toContain("images=2000");
  await page.getByRole("button", { name: /^ELBO/ }).click();
  await expect.poll(() => page.locator("#train-beta").isVisible()).toBe(true);
  expect(await page.locator("#train-batch").inputValue()).toBe("128");
  await finish();
});

it("a run that explodes stops at the last good state, with a suggestion", { timeout: 400_000 }, async () => {
  const { page, finish } = await lab.open({ hash: "images=1000&epochs=20&learningRate=1&objective=elbo&beta=100" });
  await train(page);
  const notice = page.locator(".notice", { hasText: "The loss exploded" });
  await notice.waitFor({ timeout: 300_000 });
  expect(await notice.textContent()).toContain("learning rate ten times smaller");
  expect(await headline(page)).toBe("Stopped: the loss exploded");
  await finish();
});
