import axe from "axe-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changed, type Lab, picture, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

const stage = (id: string) => `[aria-describedby="works-tip-${id}"]`;

it("a digit flows through every stage: from the map, from the test set, with new noise, by keyboard", async () => {
  const { page, finish } = await lab.open();
  const label = (id: string) => page.textContent(stage(id));
  await page.locator("#works").scrollIntoViewIfNeeded();
  await expect.poll(() => label("conv1"), { timeout: 20_000 }).toMatch(/^conv128 × 28 × 32\. \d+ % /);
  expect(await label("conv4")).toMatch(/^conv414 × 14 × 64/);
  expect(await label("loss")).toMatch(/Reconstruction \d+\.\d nats, KL \d+\.\d+ nats, ELBO −/);

  // Only ε changes: the encoder's half stays, z and what follows do not.
  const [encoded, z] = [await picture(page, `${stage("conv4")} canvas`), await label("z")];
  await page.getByRole("button", { name: "Draw a new ε" }).click();
  await expect.poll(() => label("z")).not.toBe(z);
  expect(await picture(page, `${stage("conv4")} canvas`)).toBe(encoded);
  await page.getByLabel("Sample z (else z = μ)").uncheck();
  await expect.poll(() => label("z")).toContain("ε = (0.00, 0.00)");

  await page.getByRole("radio", { name: "A test digit" }).check();
  const test = await changed(page, `${stage("conv4")} canvas`, encoded);
  await page.getByRole("button", { name: "Another test digit" }).click();
  await changed(page, `${stage("conv4")} canvas`, test);

  // By keyboard: open a stage, look at another channel, read its source, close it.
  await page.locator(stage("conv1")).focus();
  await page.keyboard.press("Tab");
  expect(await page.locator("#works-tip-conv2").isVisible()).toBe(true);
  await page.keyboard.press("Escape");
  expect(await page.locator("#works-tip-conv2").isVisible()).toBe(false);
  await page.keyboard.press("Enter");
  const channel = page.locator("#works-channel-conv2");
  const before = await picture(page, ".works-channel canvas");
  await channel.focus();
  await page.keyboard.press((await channel.inputValue()) === "64" ? "ArrowLeft" : "ArrowRight");
  await changed(page, ".works-channel canvas", before);
  expect(await page.textContent(".works-detail")).toContain("kernel.Conv(w.a2[i]");
  await page.getByText("Values as a table").click();
  expect(await page.locator(".works-table tbody tr").count()).toBe(64);
  await page.evaluate(axe.source);
  const results = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run("#works"));
  expect(results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)).toEqual([]);
  await page.locator(stage("conv2")).press("Enter");
  expect(await page.locator(".works-detail").count()).toBe(0);
  await finish();
});

it("fits a phone, and a finger opens a stage right below it", async () => {
  const { page, finish } = await lab.open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.locator("#works").scrollIntoViewIfNeeded();
  await page.locator(stage("deconv")).tap();
  await expect.poll(() => page.textContent(stage("deconv")), { timeout: 20_000 }).toContain("28 × 28");
  const [tile, detail] = [
    await page.locator(stage("deconv")).boundingBox(),
    await page.locator(".works-detail").boundingBox(),
  ];
  expect(detail!.y - (tile!.y + tile!.height)).toBeLessThan(60);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await finish();
});
