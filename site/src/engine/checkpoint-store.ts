// Where the newest checkpoint is kept, so that a kill at any moment leaves one that is whole.

export interface CheckpointStore {
  /** Keeps `record` instead of what was kept before; where that fails, what was kept stays. */
  save(record: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The newest record that is whole; undefined if there is none. */
  load(): Promise<Uint8Array | undefined>;
  /** Keeps nothing any more. */
  clear(): Promise<void>;
  /** Lets others have the store. */
  close(): void;
}

/** A file as the origin private file system has them in workers (FileSystemSyncAccessHandle). */
export interface SlotFile {
  getSize(): number;
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

export interface SlotFolder {
  /** Opens a file, made where there is none, for this worker alone. */
  open(name: string): Promise<SlotFile>;
  remove(name: string): Promise<void>;
}

const names = ["checkpoint-a", "checkpoint-b"] as const;

// A slot: sequence number, length and checksum of the record, checksum of these three; the record.
const headerBytes = 16;

/**
 * Two files, written by turns: the older one is overwritten while the newer one stays
 * whole. There is no rename that would swap them in one step, so each carries a checksum,
 * and the one with the higher number that is whole is the newest. A write that was torn
 * anywhere, also inside one operation, leaves the other.
 */
export class SlotStore implements CheckpointStore {
  private slots: { file: SlotFile; sequence: number }[] | undefined; // as far as they are known to be whole, 0: not

  constructor(
    private readonly folder: SlotFolder,
    private readonly onClose: () => void = () => {},
  ) {}

  async save(record: Uint8Array<ArrayBuffer>): Promise<void> {
    const slots = await this.open();
    const [a, b] = slots as [(typeof slots)[0], (typeof slots)[0]];
    const older = a.sequence <= b.sequence ? a : b;
    const sequence = Math.max(a.sequence, b.sequence) + 1;
    const header = new Uint32Array([sequence, record.length, checksum(record), 0]);
    header[3] = checksum(new Uint8Array(header.buffer, 0, 12));
    older.sequence = 0;
    older.file.truncate(headerBytes + record.length);
    writeAll(older.file, record, headerBytes);
    writeAll(older.file, new Uint8Array(header.buffer), 0);
    older.file.flush();
    older.sequence = sequence;
  }

  async load(): Promise<Uint8Array | undefined> {
    const slots = await this.open();
    const newest = [...slots].sort((a, b) => b.sequence - a.sequence)[0]!;
    return newest.sequence > 0 ? readSlot(newest.file)?.record : undefined;
  }

  async clear(): Promise<void> {
    this.closeFiles();
    for (const name of names) await this.folder.remove(name);
  }

  close(): void {
    this.closeFiles();
    this.onClose();
  }

  private async open(): Promise<NonNullable<typeof this.slots>> {
    if (this.slots) return this.slots;
    const files: SlotFile[] = [];
    try {
      for (const name of names) files.push(await this.folder.open(name));
      this.slots = files.map((file) => ({ file, sequence: readSlot(file)?.sequence ?? 0 }));
      return this.slots;
    } catch (error) {
      for (const file of files) file.close();
      throw error;
    }
  }

  private closeFiles(): void {
    for (const { file } of this.slots ?? []) file.close();
    this.slots = undefined;
  }
}

function writeAll(file: SlotFile, bytes: Uint8Array<ArrayBuffer>, at: number): void {
  const written = file.write(bytes, { at });
  if (written < bytes.length) throw new DOMException("the browser took only a part of it", "QuotaExceededError");
}

/** What a slot holds, if that is whole. */
function readSlot(file: SlotFile): { sequence: number; record: Uint8Array } | undefined {
  const size = file.getSize();
  if (size < headerBytes) return undefined;
  const header = new Uint8Array(headerBytes);
  file.read(header, { at: 0 });
  const [sequence, length, sum, headerSum] = new Uint32Array(header.buffer) as unknown as [
    number,
    number,
    number,
    number,
  ];
  if (headerSum !== checksum(header.subarray(0, 12)) || sequence === 0 || size < headerBytes + length) return undefined;
  const record = new Uint8Array(length);
  if (file.read(record, { at: headerBytes }) !== length || checksum(record) !== sum) return undefined;
  return { sequence, record };
}

/** FNV-1a over 32-bit words, two milliseconds for a checkpoint: enough to tell a torn write. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i]!, 0x01000193);
  for (let i = bytes.length & ~3; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
  // A file of zeros must not look whole.
  return (sum ^ (sum >>> 15)) >>> 0 || 1;
}
