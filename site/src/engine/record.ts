import type { RunEvent, TrainSettings } from "./protocol";

/** What is kept of a run beside the engine's own checkpoint. */
export interface RunRecord {
  settings: TrainSettings;
  epoch: number; // completed
  step: number; // done in the one after them
  steps: number; // in an epoch
  savedAt: number; // milliseconds since 1970
  history: readonly RunEvent[];
}

/** Of the record's layout: another one is not read. */
const version = 1;
const headerBytes = 12;
const magic = 0x4c454156; // "VAEL"

/** The record and the checkpoint in one piece: magic, version, length of the JSON, JSON, checkpoint. */
export function packRecord(record: RunRecord, checkpoint: Uint8Array): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(record));
  const packed = new Uint8Array(headerBytes + json.length + checkpoint.length);
  const header = new DataView(packed.buffer);
  for (const [i, word] of [magic, version, json.length].entries()) header.setUint32(4 * i, word, true);
  packed.set(json, headerBytes);
  packed.set(checkpoint, headerBytes + json.length);
  return packed;
}

/** Undefined where it is of another version of the page. */
export function unpackRecord(packed: Uint8Array): { record: RunRecord; checkpoint: Uint8Array } | undefined {
  if (packed.length < headerBytes) return undefined;
  const header = new DataView(packed.buffer, packed.byteOffset);
  if (header.getUint32(0, true) !== magic || header.getUint32(4, true) !== version) return undefined;
  const end = headerBytes + header.getUint32(8, true);
  if (end > packed.length) return undefined;
  try {
    const record = JSON.parse(new TextDecoder().decode(packed.subarray(headerBytes, end))) as RunRecord;
    return { record, checkpoint: packed.slice(end) };
  } catch {
    return undefined;
  }
}
