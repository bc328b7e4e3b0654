import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changed, digit, type Lab, picture, settledDigit, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

const give = (page: Page, name: string, buffer: Buffer) =>
  page.locator('#model input[type="file"]').setInputFiles({ name, mimeType: "application/octet-stream", buffer });

it("go out and come back with the same decode", async () => {
  const { page, finish } = await lab.open({ hash: "z=1,-0.7" });
  const before = await settledDigit(page);
  const samples = await picture(page, "#samples canvas");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download weights" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toMatch(/\.safetensors$/);
  const bytes = readFileSync(await download.path());
  expect(bytes.length).toBeGreaterThan(4 * 550_629);

  // One tensor of the decoder's last layer is turned round first, to see that loading replaces the model at all.
  const other = Buffer.from(bytes);
  const headerLength = Number(other.readBigUInt64LE(0));
  const header = JSON.parse(other.subarray(8, 8 + headerLength).toString());
  const [start, end] = header["dec/conv/kernel"].data_offsets as [number, number];
  for (let at = 8 + headerLength + start; at < 8 + headerLength + end; at += 4)
    other.writeFloatLE(-other.readFloatLE(at), at);
  await give(page, "mirrored.safetensors", other);
  await expect.poll(() => page.textContent("#model .facts")).toContain("mirrored.safetensors");
  await changed(page, digit, before);

  await give(page, "mine.safetensors", bytes);
  await expect.poll(() => page.textContent("#model .facts")).toContain("mine.safetensors");
  await expect.poll(() => picture(page, digit)).toBe(before);
  await expect.poll(() => picture(page, "#samples canvas")).toBe(samples);

  await page.getByRole("button", { name: "Back to pretrained" }).click();
  await expect.poll(() => page.textContent("#model .facts")).toContain("pretrained, shipped with this page");
  await finish();
});

it("that are broken or foreign are refused, and the old model stays", async () => {
  const { page, finish } = await lab.open();
  const before = await settledDigit(page);
  const cases: [string, Buffer][] = [
    ["holiday.safetensors", Buffer.from("this is no model")],
    ["empty.safetensors", Buffer.alloc(0)],
    ["foreign.safetensors", foreign()],
  ];
  for (const [name, content] of cases) {
    await give(page, name, content);
    const notice = page.locator(".notice.error", { hasText: name });
    await notice.waitFor();
    expect(await notice.textContent()).toContain("the current model stays");
    expect(await page.textContent("#model .facts")).toContain("pretrained");
    await notice.getByRole("button", { name: /Dismiss/ }).click();
    await expect.poll(() => page.locator(".notice").count()).toBe(0);
  }
  expect(await settledDigit(page)).toBe(before);
  await finish();
});

/** A good safetensors file of some other model. */
function foreign(): Buffer {
  const header = JSON.stringify({ "bert.embeddings": { dtype: "F32", shape: [2], data_offsets: [0, 8] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(8)]);
}
