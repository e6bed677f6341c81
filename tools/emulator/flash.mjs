// The flash chip: what is on it, the file that keeps it between runs, and the power cut in mid-write.
import fs from 'node:fs';

export const FLASH_BYTES = 2 << 20; // a Pico's
export const SECTOR = 4096; // erased as one
export const PAGE = 256; // programmed as one
const UF2_MAGIC = 0x0a324655, UF2_BLOCK = 512, XIP_BASE = 0x10000000;

// Copy a firmware image (.bin, or .uf2 with its addresses) into the flash's bytes.
function loadImage(bytes, file) {
  const image = fs.readFileSync(file);
  if (!file.endsWith('.uf2')) return void bytes.set(image, 0);
  for (let at = 0; at + UF2_BLOCK <= image.length; at += UF2_BLOCK) {
    if (image.readUInt32LE(at) !== UF2_MAGIC) throw new Error(`${file}: no UF2 block at ${at}`);
    const target = image.readUInt32LE(at + 12) - XIP_BASE, length = image.readUInt32LE(at + 16);
    bytes.set(image.subarray(at + 32, at + 32 + length), target);
  }
}

export class Flash {
  // image: firmware file.  store: file of the whole chip, kept between runs, or undefined.
  // cutAt: the power fails in the middle of the cutAt-th erase or program (1, 2, ...), or 0: never.
  constructor({ image, store, cutAt = 0 }) {
    this.bytes = new Uint8Array(FLASH_BYTES).fill(0xff);
    this.store = store;
    this.cutAt = cutAt;
    this.erases = this.programs = 0;
    this.dirty = false;
    this.onCut = () => {};
    if (store && fs.existsSync(store)) this.bytes.set(fs.readFileSync(store).subarray(0, FLASH_BYTES));
    loadImage(this.bytes, image);
  }

  get operations() {
    return this.erases + this.programs;
  }

  // The power fails half-way through an operation: its first half is done, its second is not.
  #done(length) {
    this.dirty = true;
    if (this.operations !== this.cutAt) return length;
    this.onCut();
    return length / 2;
  }

  // Erase whole sectors from `offset` on. True if the power held.
  erase(offset, length) {
    for (let at = offset; at < offset + length; at += SECTOR) {
      this.erases++;
      const part = this.#done(SECTOR);
      this.bytes.fill(0xff, at, at + part);
      if (part !== SECTOR) return false;
    }
    return true;
  }

  // Program whole pages: bits can only go from 1 to 0. True if the power held.
  program(offset, data) {
    for (let at = 0; at < data.length; at += PAGE) {
      this.programs++;
      const part = this.#done(PAGE);
      for (let i = 0; i < part; i++) this.bytes[offset + at + i] &= data[at + i];
      if (part !== PAGE) return false;
    }
    return true;
  }

  // Write the store, by way of a new file: a kill in between leaves the old one whole.
  save() {
    if (!this.store || !this.dirty) return;
    fs.writeFileSync(this.store + '.new', this.bytes);
    fs.renameSync(this.store + '.new', this.store);
    this.dirty = false;
  }
}
