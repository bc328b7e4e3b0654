import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changed, digit, type Lab, settledDigit, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return results.violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join("  ")}`,
  );
}

describe.each(["light", "dark"] as const)("axe, %s", (colorScheme) => {
  it.each([1440, 820, 390])("finds nothing at %i px", async (width) => {
    const { page, finish } = await lab.open({ colorScheme, viewport: { width, height: 900 } });
    await settledDigit(page);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await finish();
  });

  it("finds nothing with errors on the page and everything unfolded", async () => {
    const { page, finish } = await lab.open({ colorScheme });
    await page.locator("#train-images").fill("1");
    await page
      .locator('#model input[type="file"]')
      .setInputFiles({ name: "x.safetensors", mimeType: "text/plain", buffer: Buffer.from("x") });
    await page.locator(".notice.error").waitFor();
    for (const summary of await page.locator("details:not([open]) > summary:visible").all()) await summary.click();
    expect(await violations(page)).toEqual([]);
    await finish();
  });
});

it("the whole path works by keyboard alone", async () => {
  const { page, finish } = await lab.open({ hash: "images=1000&epochs=1" });
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      return element.getAttribute("aria-label") ?? element.id ?? "";
    });
  const tabTo = async (wanted: string | RegExp) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      const text = await page.evaluate(() => document.activeElement?.textContent ?? "");
      const name = `${await focused()} ${text}`;
      if (typeof wanted === "string" ? name.includes(wanted) : wanted.test(name)) return;
    }
    throw new Error(`Tab never reached ${wanted}`);
  };
  const before = await settledDigit(page);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.className)).toBe("skip");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("samples");
  await tabTo("New digits");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toContain("sampleSeed=2");
  await tabTo(/Latent map/);
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  await changed(page, digit, before);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toContain("z=-1");
  await tabTo(/ Train$/);
  await page.keyboard.press("Enter");
  // The focus goes on to the button that took its place.
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Pause");
  await expect.poll(() => page.textContent(".headline"), { timeout: 60_000 }).toContain("step");
  await tabTo(/ Stop$/);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.textContent(".headline"), { timeout: 60_000 }).toBe("Stopped");
  await tabTo("Download weights");
  const saved = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  expect((await saved).suggestedFilename()).toContain("vae-2d");
  await finish();
});

it("the scheme can be chosen, and stays in the address", async () => {
  const { page, finish } = await lab.open({ colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  const toggle = page.getByRole("button", { name: /^Colours/ });
  await toggle.click();
  await toggle.click();
  await expect.poll(ground).not.toBe(light);
  await expect.poll(() => page.url()).toContain("theme=dark");
  await page.reload();
  await expect.poll(ground).not.toBe(light);
  await finish();
});
