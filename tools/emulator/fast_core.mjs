// The common instructions, several times as fast as in rp2040js, whose executeInstruction() tries one
// pattern after another. What is rare, or touches anything but flash and RAM, is still left to it, so
// each instruction has one meaning: results, flags and cycles are the same (test_emulator.py compares).
const FLASH = 0x10000000, RAM = 0x20000000, RAM_END = 0x20042000;
const WIDE_OR_RARE = -1;

// How many of the low eight bits are set: registers in a list.
const BITS = Uint8Array.from({ length: 256 }, (_, n) => n.toString(2).replaceAll('0', '').length);
const signed8 = (value) => (value << 24) >> 24, signed16 = (value) => (value << 16) >> 16;

// Return a function(limit, cycleNanos, halted) that executes instructions of the RP2040 `mcu` until there
// were `limit`, it sleeps, or halted() says so; it returns {count, total}: of instructions, of cycles.
export function fastCore(mcu) {
  const { core, clock } = mcu, R = core.registers;
  const flash8 = mcu.flash, flash16 = new Uint16Array(flash8.buffer), flash32 = new Uint32Array(flash8.buffer);
  const ram8 = mcu.sram, ram16 = new Uint16Array(ram8.buffer), ram32 = new Uint32Array(ram8.buffer);
  const flashSize = flash8.length, ramSize = ram8.length;

  // Whether so many bytes from an address on are RAM; or RAM or flash, and aligned.
  const inRam = (at, bytes) => at >= RAM && at <= RAM_END - bytes;
  const readable = (at, bytes) => (at & (bytes - 1)) === 0
    && (inRam(at, bytes) || (at >= FLASH && at <= FLASH + flashSize - bytes));
  const writable = (at, bytes) => (at & (bytes - 1)) === 0 && inRam(at, bytes);
  const read32 = (at) => (at >= RAM ? ram32[(at - RAM) >>> 2] : flash32[(at - FLASH) >>> 2]);
  const read16 = (at) => (at >= RAM ? ram16[(at - RAM) >>> 1] : flash16[(at - FLASH) >>> 1]);
  const read8 = (at) => (at >= RAM ? ram8[at - RAM] : flash8[at - FLASH]);

  function logic(result) {
    core.N = result < 0;
    core.Z = result === 0;
    return 1;
  }

  // 010000: arithmetic and logic of two low registers. Rare ones are left out.
  function compute(op) {
    const m = R[(op >> 3) & 7], d = op & 7, a = R[d];
    switch ((op >> 6) & 15) {
      case 0: return logic((R[d] = a & m) | 0);
      case 1: return logic((R[d] = a ^ m) | 0);
      case 2: { // LSLS
        const by = m & 0xff, result = by >= 32 ? 0 : a << by;
        if (by) core.C = (a & (1 << (32 - by))) !== 0;
        R[d] = result;
        return logic(result);
      }
      case 3: { // LSRS
        const by = m & 0xff, result = by < 32 ? a >>> by : 0;
        core.C = by <= 32 && ((a >>> (by - 1)) & 1) !== 0;
        R[d] = result;
        return logic(result | 0);
      }
      case 5: R[d] = core.addUpdateFlags(m, a + (core.C ? 1 : 0)); return 1;
      case 6: R[d] = core.substractUpdateFlags(a, m + (1 - (core.C ? 1 : 0))); return 1;
      case 8: return logic((a & m) | 0);
      case 9: R[d] = core.substractUpdateFlags(0, m); return 1;
      case 10: core.substractUpdateFlags(a, m); return 1;
      case 12: return logic((R[d] = a | m) | 0);
      case 13: { const result = Math.imul(m, a); R[d] = result; return logic(result); }
      case 14: return logic((R[d] = a & ~m) | 0);
      case 15: return logic((R[d] = ~m) | 0);
    }
    return WIDE_OR_RARE;
  }

  // 010001: high registers. The PC is two further on there than R[15] says by now.
  function high(op, pc) {
    const m = (op >> 3) & 15, d = ((op >> 4) & 8) | (op & 7);
    switch ((op >> 8) & 3) {
      case 0:
        if (d === 15 || d === 13 || m === 15) return WIDE_OR_RARE;
        R[d] = R[d] + R[m];
        return 1;
      case 1: core.substractUpdateFlags(R[d], R[m]); return 1;
      case 2:
        if (d === 15 || d === 13 || m === 15) return WIDE_OR_RARE;
        R[d] = R[m];
        return 1;
      default:
        if ((op & 7) !== 0) return WIDE_OR_RARE;
        if (op & 0x80) { // BLX
          const to = R[m];
          R[14] = (pc + 2) | 1;
          R[15] = to & ~1;
          return 2;
        }
        if (R[m] >>> 28 === 15) return WIDE_OR_RARE; // perhaps the end of an exception
        R[15] = R[m] & ~1;
        return 2;
    }
  }

  function condition(which) {
    switch (which) {
      case 0: return core.Z;
      case 1: return !core.Z;
      case 2: return core.C;
      case 3: return !core.C;
      case 4: return core.N;
      case 5: return !core.N;
      case 6: return core.V;
      case 7: return !core.V;
      case 8: return core.C && !core.Z;
      case 9: return !(core.C && !core.Z);
      case 10: return core.N === core.V;
      case 11: return core.N !== core.V;
      case 12: return core.N === core.V && !core.Z;
      default: return !(core.N === core.V && !core.Z);
    }
  }

  function store(op, at, bytes) {
    if (!writable(at, bytes)) return WIDE_OR_RARE;
    const value = R[op & 7];
    if (bytes === 4) ram32[(at - RAM) >>> 2] = value;
    else if (bytes === 2) ram16[(at - RAM) >>> 1] = value;
    else ram8[at - RAM] = value;
    return 2;
  }

  function load(to, at, bytes) {
    if (!readable(at, bytes)) return WIDE_OR_RARE;
    R[to] = bytes === 4 ? read32(at) : bytes === 2 ? read16(at) : read8(at);
    return 2;
  }

  // 0101: loads and stores at the sum of two registers.
  function indexed(op) {
    const at = (R[(op >> 6) & 7] + R[(op >> 3) & 7]) >>> 0, t = op & 7;
    switch ((op >> 9) & 7) {
      case 0: return store(op, at, 4);
      case 1: return store(op, at, 2);
      case 2: return store(op, at, 1);
      case 3: if (!readable(at, 1)) return WIDE_OR_RARE; R[t] = signed8(read8(at)); return 2;
      case 4: return load(t, at, 4);
      case 5: return load(t, at, 2);
      case 6: return load(t, at, 1);
      default: if (!readable(at, 2)) return WIDE_OR_RARE; R[t] = signed16(read16(at)); return 2;
    }
  }

  function push(op) {
    const list = op & 0xff, count = BITS[list] + ((op >> 8) & 1), start = R[13] - 4 * count;
    if (!writable(start, 4) || !inRam(start, 4 * count)) return WIDE_OR_RARE;
    let at = (start - RAM) >>> 2;
    for (let i = 0; i < 8; i++) if (list & (1 << i)) ram32[at++] = R[i];
    if (op & 0x100) ram32[at] = R[14];
    R[13] = start;
    return 1 + BITS[list];
  }

  function pop(op) {
    const list = op & 0xff, whole = op & 0x100, start = R[13], count = BITS[list];
    if (!writable(start, 4) || !inRam(start, 4 * count + 4)) return WIDE_OR_RARE;
    let at = (start - RAM) >>> 2;
    if (whole && ram32[at + count] >>> 28 === 15) return WIDE_OR_RARE; // as for BX
    for (let i = 0; i < 8; i++) if (list & (1 << i)) R[i] = ram32[at++];
    R[13] = start + 4 * count + (whole ? 4 : 0);
    if (!whole) return 1 + count;
    R[15] = ram32[at] & ~1;
    return 3 + count;
  }

  // LDMIA and STMIA.
  function several(op) {
    const list = op & 0xff, n = (op >> 8) & 7, start = R[n], count = BITS[list];
    if (!writable(start, 4) || !inRam(start, 4 * count + 4)) return WIDE_OR_RARE;
    let at = (start - RAM) >>> 2;
    if (op & 0x800) {
      for (let i = 0; i < 8; i++) if (list & (1 << i)) R[i] = ram32[at++];
    } else {
      for (let i = 0; i < 8; i++) if (list & (1 << i)) ram32[at++] = R[i];
    }
    if (!(list & (1 << n))) R[n] = start + 4 * count;
    return 1 + count;
  }

  // 1011: the stack pointer, extensions, PUSH and POP.
  function various(op) {
    const m = R[(op >> 3) & 7], d = op & 7;
    switch ((op >> 8) & 15) {
      case 0:
        R[13] = (R[13] + (op & 0x80 ? -((op & 0x7f) << 2) : (op & 0x7f) << 2)) & ~3;
        return 1;
      case 2:
        switch ((op >> 6) & 3) {
          case 0: R[d] = signed16(m); return 1;
          case 1: R[d] = signed8(m); return 1;
          case 2: R[d] = m & 0xffff; return 1;
          default: R[d] = m & 0xff; return 1;
        }
      case 4: case 5: return push(op);
      case 12: case 13: return pop(op);
    }
    return WIDE_OR_RARE;
  }

  // BL, of two halves.
  function call(op, pc) {
    const second = pc + 2 >= RAM ? ram16[(pc + 2 - RAM) >>> 1] : flash16[(pc + 2 - FLASH) >>> 1];
    if (second >> 14 !== 3 || (second & 0x1000) === 0) return WIDE_OR_RARE;
    const s = (op >> 10) & 1;
    const i1 = 1 - (s ^ ((second >> 13) & 1)), i2 = 1 - (s ^ ((second >> 11) & 1));
    const by = ((s ? 0xff : 0) << 24) | (i1 << 23) | (i2 << 22) | ((op & 0x3ff) << 12) | ((second & 0x7ff) << 1);
    R[14] = (pc + 4) | 1;
    R[15] = pc + 4 + by;
    return 3;
  }

  // R[15] is pc + 2 by now, pc the address of `op`.
  function execute(op, pc) {
    const m = (op >> 3) & 7, d = op & 7, n = (op >> 8) & 7;
    switch (op >> 11) {
      case 0: { // LSLS
        const by = (op >> 6) & 31, a = R[m], result = a << by;
        if (by) core.C = (a & (1 << (32 - by))) !== 0;
        R[d] = result;
        return logic(result);
      }
      case 1: { // LSRS
        const by = (op >> 6) & 31, a = R[m], result = by ? a >>> by : 0;
        core.C = ((a >>> (by ? by - 1 : 31)) & 1) !== 0;
        R[d] = result;
        return logic(result | 0);
      }
      case 2: { // ASRS
        const by = (op >> 6) & 31, a = R[m], result = by ? a >> by : (a & 0x80000000) >> 31;
        core.C = (a & (1 << ((by || 32) - 1))) !== 0;
        R[d] = result;
        return logic(result);
      }
      case 3: { // ADDS, SUBS: of a register or three bits
        const b = op & 0x400 ? (op >> 6) & 7 : R[(op >> 6) & 7];
        R[d] = op & 0x200 ? core.substractUpdateFlags(R[m], b) : core.addUpdateFlags(R[m], b);
        return 1;
      }
      case 4: R[n] = op & 0xff; return logic(op & 0xff); // MOVS
      case 5: core.substractUpdateFlags(R[n], op & 0xff); return 1; // CMP
      case 6: R[n] = core.addUpdateFlags(R[n], op & 0xff); return 1;
      case 7: R[n] = core.substractUpdateFlags(R[n], op & 0xff); return 1;
      case 8: return op & 0x400 ? high(op, pc) : compute(op);
      case 9: return load(n, ((pc + 4) & ~3) + ((op & 0xff) << 2), 4);
      case 10: case 11: return indexed(op);
      case 12: return store(op, R[m] + (((op >> 6) & 31) << 2), 4);
      case 13: return load(d, R[m] + (((op >> 6) & 31) << 2), 4);
      case 14: return store(op, R[m] + ((op >> 6) & 31), 1);
      case 15: return load(d, R[m] + ((op >> 6) & 31), 1);
      case 16: return store(op, R[m] + (((op >> 6) & 31) << 1), 2);
      case 17: return load(d, R[m] + (((op >> 6) & 31) << 1), 2);
      case 18: { // STR at the stack
        const at = R[13] + ((op & 0xff) << 2);
        if (!writable(at, 4)) return WIDE_OR_RARE;
        ram32[(at - RAM) >>> 2] = R[n];
        return 2;
      }
      case 19: return load(n, R[13] + ((op & 0xff) << 2), 4);
      case 20: R[n] = (pc & ~3) + 4 + ((op & 0xff) << 2); return 1;
      case 21: R[n] = R[13] + ((op & 0xff) << 2); return 1;
      case 22: case 23: return various(op);
      case 24: case 25: return several(op);
      case 26: case 27: { // B with a condition; 14 and 15 are something else
        const which = (op >> 8) & 15;
        if (which >= 14) return WIDE_OR_RARE;
        if (!condition(which)) return 1;
        R[15] = pc + 4 + (signed8(op) << 1);
        return 2;
      }
      case 28: R[15] = pc + 4 + ((op << 21) >> 20); return 2; // B
      case 30: return call(op, pc);
    }
    return WIDE_OR_RARE;
  }

  // The instruction at `pc`, as it stands in flash or RAM; WIDE_OR_RARE where it is elsewhere.
  function fetch(pc) {
    const flashAt = pc - FLASH, ramAt = pc - RAM;
    if (flashAt >= 0 && flashAt < flashSize) return flash16[flashAt >>> 1];
    return ramAt >= 0 && ramAt < ramSize ? ram16[ramAt >>> 1] : WIDE_OR_RARE;
  }

  // Only what rp2040js does, and alarms, can set an interrupt, put the processor to sleep or halt the
  // machine; between them the time is a local variable.
  return function run(limit, cycleNanos, halted) {
    let now = clock.nanosCounter, due = clock.nextAlarm?.nanos ?? Infinity, count = 0, fast = 0, total = 0;
    while (count < limit) {
      const pc = R[15];
      let cycles = WIDE_OR_RARE;
      if (!core.interruptsUpdated) {
        const op = fetch(pc);
        if (op !== WIDE_OR_RARE) {
          R[15] = pc + 2;
          cycles = execute(op, pc);
        }
      }
      const rare = cycles === WIDE_OR_RARE;
      if (rare) {
        R[15] = pc;
        clock.nanosCounter = now;
        cycles = core.executeInstruction();
        now = clock.nanosCounter;
        due = clock.nextAlarm?.nanos ?? Infinity;
      } else fast += cycles;
      total += cycles;
      count++;
      const next = now + cycles * cycleNanos;
      if (due <= next) {
        clock.nanosCounter = now;
        clock.tick(cycles * cycleNanos);
        now = clock.nanosCounter;
        due = clock.nextAlarm?.nanos ?? Infinity;
        if (core.waiting || halted()) break;
      } else {
        now = next;
        if (rare && (core.waiting || halted())) break;
      }
    }
    clock.nanosCounter = now;
    core.cycles += fast;
    return { count, total };
  };
}

// The same, each instruction as rp2040js has it: what fastCore is compared with.
export function referenceCore(mcu) {
  const { core, clock } = mcu;
  return function run(limit, cycleNanos, halted) {
    let count = 0, total = 0;
    while (count < limit && !core.waiting && !halted()) {
      const cycles = core.executeInstruction();
      clock.tick(cycles * cycleNanos);
      total += cycles;
      count++;
    }
    return { count, total };
  };
}
