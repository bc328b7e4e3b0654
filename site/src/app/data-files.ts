import { type Idx, isGzip, isIdx, mostImages, readIdx } from "./data-idx";
import { readPicture, readSheet } from "./data-pictures";
import { type Grey, paperOf, pixelsPerImage, resize } from "./data-resize";
import { labelsOf, type OwnImages, shuffledOrder } from "./data-split";
import { megabytes, Refusal } from "./data-unpack";
import { isHidden, isZip, listZip, unzip } from "./data-zip";

/** A file somebody chose; `path` says in which folder it lay. */
export interface Chosen {
  path: string;
  size: number;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ReadOptions {
  tile: number; // pixels, of a sprite sheet
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
}

/** One file; a tab has little more room. */
const mostBytes = 600 * 2 ** 20;
/** Milliseconds of work between two turns of the page. */
const budget = 12;

/**
 * Images of one's own out of whatever was chosen: IDX files, a zip of pictures, one
 * picture (a sprite sheet) or many. Throws a Refusal that names the file and the way out.
 */
export async function readOwn(files: Chosen[], options: ReadOptions): Promise<OwnImages> {
  const seen = files.filter(({ path }) => !isHidden(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const [first] = seen;
  if (!first) throw new Refusal("There are no files in what you chose: choose pictures, a zip or IDX files.");
  if (seen.length > mostImages) {
    throw new Refusal(
      `You chose ${seen.length.toLocaleString("en")} files, and at most 70,000 fit: take a part of them.`,
    );
  }
  const large = seen.find(({ size }) => size > mostBytes);
  if (large)
    throw new Refusal(`${large.path} has ${megabytes(large.size)}, at most ${megabytes(mostBytes)} fit: take a part.`);
  const bytes = await read(first);
  if (isIdx(bytes) || isGzip(bytes)) return fromIdx(seen, options);
  if (isZip(bytes)) {
    if (seen.length > 1)
      throw new Refusal(`${first.path} is a zip, and there are other files beside it: choose it alone.`);
    const entries = listZip(bytes, first.path);
    return fromPictures(
      first.path,
      entries.map((entry) => ({ path: entry.name, size: entry.size, bytes: () => unzip(entry, first.path) })),
      options,
    );
  }
  if (seen.length === 1) return fromSheet(first.path, bytes, options);
  const folder = first.path.includes("/") ? first.path.split("/")[0]! : `${seen.length.toLocaleString("en")} pictures`;
  return fromPictures(folder, seen, options);
}

async function read(file: Chosen): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await file.bytes();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${file.path} cannot be read: if it is a folder, use “Choose a folder…”; else choose it again.`);
  }
}

async function fromIdx(files: Chosen[], options: ReadOptions): Promise<OwnImages> {
  if (files.length > 4)
    throw new Refusal("An IDX set has at most four files (images and labels, twice): choose those.");
  const images: (Extract<Idx, { kind: "images" }> & { name: string })[] = [];
  const labels: (Extract<Idx, { kind: "labels" }> & { name: string })[] = [];
  for (const file of files) {
    const idx = await readIdx(await read(file), file.path);
    if (idx.kind === "images") images.push({ ...idx, name: file.path });
    else labels.push({ ...idx, name: file.path });
  }
  const isTest = ({ name }: { name: string }) => /t10k|test/i.test(name);
  const order = <T extends { name: string }>(list: T[], what: string): T[] => {
    if (list.length < 2) return list;
    const sorted = [...list].sort((a, b) => Number(isTest(a)) - Number(isTest(b)));
    if (list.length > 2 || list.filter(isTest).length !== 1) {
      throw new Refusal(
        `${list.map(({ name }) => name).join(" and ")} all hold ${what}: choose one, or two of which one has “test” or “t10k” in its name.`,
      );
    }
    return sorted;
  };
  const [train, test] = order(images, "images");
  const kept = order(labels, "labels");
  if (!train) throw new Refusal(`${files[0]!.path} holds labels only: choose the images with it.`);
  const both = test ? [train, test] : [train];
  if (kept.length > 0) {
    both.forEach(({ name, count }, i) => {
      const told = kept[i];
      if (told?.count === count) return;
      const has = told ? `${told.name} has ${told.count} labels` : "there are no labels for it";
      throw new Refusal(`${name} has ${count} images but ${has}: choose files of the same set, or no labels at all.`);
    });
    if (kept.length > both.length) throw new Refusal(`${kept.at(-1)!.name} belongs to no images: leave it out.`);
  }
  const total = both.reduce((sum, { count }) => sum + count, 0);
  if (total > mostImages)
    throw new Refusal(`These files hold ${total} images, at most 70,000 fit: take a part of them.`);
  const collected = new Collector(total, options);
  for (const { rows, columns, count, pixels } of both) {
    for (let i = 0; i < count; i++) {
      const values = pixels.subarray(i * rows * columns, (i + 1) * rows * columns);
      await collected.add({ values, width: columns, height: rows });
    }
  }
  const resized = both.some(({ rows, columns }) => rows !== 28 || columns !== 28);
  return collected.images({
    name: train.name,
    labels: kept.length > 0 ? Uint8Array.from(kept.flatMap(({ labels }) => [...labels])) : undefined,
    testFrom: test ? train.count : undefined,
    notes: resized ? [`Resized from ${train.columns}×${train.rows}.`] : [],
  });
}

async function fromPictures(name: string, files: Chosen[], options: ReadOptions): Promise<OwnImages> {
  const pictures = files.filter(({ path }) => /\.(png|jpe?g|webp)$/i.test(path));
  const left = files.length - pictures.length;
  if (pictures.length === 0) {
    throw new Refusal(`${name} has no PNG, JPEG or WebP pictures in it (${files.length} other files): choose another.`);
  }
  const order = shuffledOrder(pictures.length);
  const labels = labelsOf(pictures.map(({ path }) => path));
  const collected = new Collector(pictures.length, options);
  for (const i of order) {
    const file = pictures[i]!;
    await collected.add(await readPicture(await read(file), file.path));
  }
  return collected.images({
    name,
    labels: labels && Uint8Array.from(order, (i) => labels[i]!),
    testFrom: undefined,
    notes: [
      ...(left > 0 ? [`${left.toLocaleString("en")} files that are no pictures were left out.`] : []),
      ...(labels ? ["Classes are those of the folders 0 to 9."] : []),
    ],
  });
}

async function fromSheet(name: string, bytes: Uint8Array<ArrayBuffer>, options: ReadOptions): Promise<OwnImages> {
  const { tiles, leftOver } = await readSheet(bytes, name, options.tile);
  if (tiles.length > mostImages) {
    throw new Refusal(
      `${name} has ${tiles.length.toLocaleString("en")} tiles, at most 70,000 fit: choose a larger tile.`,
    );
  }
  if (tiles.length === 0) throw new Refusal(`${name} is blank: every tile has one colour. Choose another picture.`);
  const collected = new Collector(tiles.length, options);
  for (const i of shuffledOrder(tiles.length)) await collected.add(tiles[i]!);
  return collected.images({
    name,
    labels: undefined,
    testFrom: undefined,
    notes: leftOver
      ? [`Its size is no multiple of ${options.tile}: what is left at the right and below is cut off.`]
      : [],
  });
}

/** Takes pictures as they come, makes them 28×28, and lets the page breathe. */
class Collector {
  private readonly pixels: Uint8Array;
  private count = 0;
  private paper = 0;
  private since = performance.now();

  constructor(
    private readonly total: number,
    private readonly options: ReadOptions,
  ) {
    this.pixels = new Uint8Array(total * pixelsPerImage);
  }

  async add(grey: Grey): Promise<void> {
    this.pixels.set(resize(grey), this.count++ * pixelsPerImage);
    this.paper += paperOf(grey);
    if (performance.now() - this.since < budget) return;
    this.options.onProgress(this.count, this.total);
    await new Promise((done) => setTimeout(done));
    this.options.signal.throwIfAborted();
    this.since = performance.now();
  }

  images(about: Omit<OwnImages, "pixels" | "lightPaper">): OwnImages {
    return { ...about, pixels: this.pixels, lightPaper: this.paper / this.count > 127 };
  }
}
