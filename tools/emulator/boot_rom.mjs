// A stand-in for the RP2040's boot ROM, with none of its code: the documented tables (datasheet
// 2.8.3), in which each entry is "BKPT #n; BX LR" and the work is done here.
import { FLASH_BYTES, PAGE, SECTOR } from './flash.mjs';
import { doubleTable, singleTable } from './soft_float.mjs';

const SRAM = 0x20000000, SRAM_BYTES = 264 << 10, XIP = 0x10000000;
const STACK_TOP = SRAM + 0x41f00, FIRST_STUB = 0x100, BKPT = 0xbe00, BX_LR = 0x4770;
const ERASE_S = 45e-3, PROGRAM_S = 0.4e-3; // W25Q16: one sector, one page, typical

// Lays out the ROM's 16 KB: stubs, then the tables that name them.
class Layout {
  constructor() {
    this.rom = new Uint32Array(4096);
    this.view = new DataView(this.rom.buffer);
    this.handlers = [];
    this.free = FIRST_STUB;
  }

  // A function of the ROM; returns its address, with the Thumb bit.
  stub(handler) {
    const at = this.free;
    this.view.setUint16(at, BKPT | this.handlers.length, true);
    this.view.setUint16(at + 2, BX_LR, true);
    this.handlers.push(handler);
    this.free += 4;
    return at | 1;
  }

  // Addresses in a row; pico-sdk reads their count from two bytes before them.
  table(addresses) {
    this.free = (this.free + 7) & ~3;
    this.view.setUint8(this.free - 2, addresses.length);
    return this.words(addresses);
  }

  words(values) {
    const at = this.free;
    for (const value of values) {
      this.view.setUint32(this.free, value, true);
      this.free += 4;
    }
    return at;
  }

  // Pairs of a two-letter code and an address, ended by a zero.
  codes(entries) {
    const pair = ([code, address]) => code.charCodeAt(0) | (code.charCodeAt(1) << 8) | (address << 16);
    return this.words([...Object.entries(entries).map((entry) => pair(entry) >>> 0), 0]);
  }
}

// memset and memcpy: by views where both ends are RAM or flash, else through the bus.
function memoryFunctions(mcu, flash, spend) {
  const view = (address, length) => {
    const inside = (start, size) => address >= start && address + length <= start + size;
    if (inside(SRAM, SRAM_BYTES)) return mcu.sram.subarray(address - SRAM, address - SRAM + length);
    if (inside(XIP, FLASH_BYTES)) return flash.bytes.subarray(address - XIP, address - XIP + length);
    return null;
  };
  const set = (R) => {
    const to = R[0], value = R[1], length = R[2], target = view(to, length);
    if (target) target.fill(value & 255);
    else for (let i = 0; i < length; i++) mcu.writeUint8(to + i, value & 255);
    spend(20 + length * 0.6);
  };
  const copy = (R) => {
    const to = R[0], from = R[1], length = R[2], target = view(to, length), source = view(from, length);
    if (target && source) target.set(source);
    else if ((to | from | length) & 3) {
      for (let i = 0; i < length; i++) mcu.writeUint8(to + i, mcu.readUint8(from + i));
    } else for (let i = 0; i < length; i += 4) mcu.writeUint32(to + i, mcu.readUint32(from + i));
    const bytewise = length < 8 || (to ^ from) & 3;
    spend(bytewise ? 15 + length * 5 : 25 + length * 0.9);
  };
  return { MS: set, S4: set, MC: copy, C4: copy };
}

function bitFunctions(spend) {
  const answer = (cycles, fn) => (R) => { R[0] = fn(R[0]); spend(cycles); };
  const trailing = (x) => (x === 0 ? 32 : 31 - Math.clz32(x & -x));
  const population = (x) => { let n = 0; for (; x; x >>>= 1) n += x & 1; return n; };
  const reverse = (x) => { let y = 0; for (let i = 0; i < 32; i++) y |= ((x >>> i) & 1) << (31 - i); return y >>> 0; };
  return { L3: answer(15, Math.clz32), T3: answer(13, trailing), P3: answer(18, population), R3: answer(18, reverse) };
}

function flashFunctions(mcu, flash, fast, spend) {
  const busy = (seconds) => spend(fast ? 100 : seconds * mcu.clkSys);
  const quick = () => spend(50); // connect, exit XIP, flush the cache, enter XIP
  const erase = ([offset, length]) => { flash.erase(offset, length); busy((ERASE_S * length) / SECTOR); };
  const program = ([offset, from, length]) => {
    const data = new Uint8Array(length);
    for (let i = 0; i < length; i++) data[i] = mcu.readUint8(from + i);
    flash.program(offset, data);
    busy((PROGRAM_S * length) / PAGE);
  };
  return { IF: quick, EX: quick, FC: quick, CX: quick, RE: erase, RP: program };
}

// Return {rom, call}: the ROM's words, and call(n), which does the work of BKPT n (false: not ours).
// spend(cycles) lets emulated time pass; halt(why) stops the machine.
export function bootRom(mcu, flash, { fastFlash, spend, halt }) {
  const layout = new Layout(), core = mcu.core;
  const timed = ([work, cycles]) => layout.stub((R) => { work(R); spend(cycles); });
  const functions = {
    ...memoryFunctions(mcu, flash, spend), ...bitFunctions(spend), ...flashFunctions(mcu, flash, fastFlash, spend),
    UB: () => halt('bootsel'), WV: () => { core.waiting = true; },
  };
  const addresses = {};
  for (const [code, work] of Object.entries(functions)) addresses[code] = layout.stub(work);
  const data = { SF: layout.table(singleTable(core).map(timed)), SD: layout.table(doubleTable(core).map(timed)) };
  data.GR = layout.words([0]); // no git revision
  const vector = layout.stub(() => halt('fault'));
  const lookUp = layout.stub((R) => {
    const code = R[1] & 0xffff, view = layout.view;
    let at = R[0];
    while (view.getUint16(at, true) && view.getUint16(at, true) !== code) at += 4;
    R[0] = view.getUint16(at, true) ? view.getUint16(at + 2, true) : 0;
    spend(60);
  });
  fillHeader(layout, { vector, lookUp, functions: layout.codes(addresses), data: layout.codes(data) });
  const call = (n) => {
    if (n >= layout.handlers.length) return false;
    core.breakRewind = 0; // go on after the BKPT
    layout.handlers[n](core.registers);
    return true;
  };
  return { rom: layout.rom, call };
}

function fillHeader({ view }, { vector, lookUp, functions, data }) {
  view.setUint32(0, STACK_TOP, true);
  for (const at of [4, 8, 12]) view.setUint32(at, vector, true);
  [0x4d, 0x75, 0x01, 0x02].forEach((byte, i) => view.setUint8(0x10 + i, byte)); // "Mu", 1, ROM version 2
  view.setUint16(0x14, functions, true);
  view.setUint16(0x16, data, true);
  view.setUint16(0x18, lookUp, true);
}
