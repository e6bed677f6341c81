// One board from power-on to power-off: processor, flash, boot ROM, USB REPL, network UART, time.
import { bootRom } from './boot_rom.mjs';
import { fastCore, referenceCore } from './fast_core.mjs';
import { Pl011 } from './pl011.mjs';
import { ConsoleLogger, LogLevel, RP2040 } from './rp2040js.mjs';
import { UsbRepl } from './usb_repl.mjs';

const BOOT2 = 0x10000000; // where the boot ROM would jump
const SLICE_MS = 8, BATCH = 8000; // of the host's time, of instructions
const IDLE_WEIGHT = 10; // a skipped sleep counts as so many instructions
const MAX_ALLOWANCE_NANOS = 20e6;
const NO_ALARM_STEP_NANOS = 1e5;
const ROSC = 0x40060, RANDOM_BIT = 0x1c, ROSC_STATUS = 0x18, ROSC_STABLE = 0x80001000;

export class Machine {
  // flash: Flash.  random: of random.mjs.  network: {input(bytes)} or null.
  // options: fastFlash, virtualTime, referenceCore, verbose.  events: onHalt(why), onPrompt(), onPrint().
  constructor({ flash, random, network = null, options = {}, events }) {
    Object.assign(this, { flash, network, options, events });
    this.mcu = new RP2040();
    this.mcu.logger = new ConsoleLogger(options.verbose ? LogLevel.Warn : LogLevel.Error);
    this.cycles = this.instructions = this.idleNanos = 0;
    this.halted = null;
    this.sent = []; // bytes of the network UART
    this.timer = null;
    this.allowance = 0;
    this.lastWall = performance.now();
    this.#bringUp(random);
  }

  #bringUp(random) {
    const { mcu, flash } = this, halt = (why) => this.halt(why);
    const spend = (cycles) => { this.cycles += cycles; mcu.clock.tick((cycles * 1e9) / mcu.clkSys); };
    this.rom = bootRom(mcu, flash, { fastFlash: this.options.fastFlash, spend, halt });
    mcu.loadBootrom(this.rom.rom); // resets, and blanks the flash
    mcu.flash.set(flash.bytes);
    flash.bytes = mcu.flash.subarray(0, flash.bytes.length);
    flash.onCut = () => halt('power-cut');
    mcu.peripherals[ROSC].readUint32 = (at) => {
      if (at === RANDOM_BIT) return random.uint32() & 1; // else os.urandom() would repeat one byte
      return at === ROSC_STATUS ? ROSC_STABLE : 0;
    };
    mcu.peripherals[0x40058].onWatchdogTrigger = () => halt('reset'); // machine.reset() and a WDT
    mcu.onBreak = (code) => {
      if (mcu.core.PC < 0x4000 && this.rom.call(code)) return;
      halt(`fault: breakpoint ${code} at ${mcu.core.PC.toString(16)}, LR ${mcu.core.LR.toString(16)}`);
    };
    this.repl = new UsbRepl(mcu, { onPrompt: () => this.events.onPrompt?.() });
    this.uart = new Pl011(mcu, mcu.uart[1], (byte) => this.sent.push(byte));
    mcu.core.PC = BOOT2;
    this.run = (this.options.referenceCore ? referenceCore : fastCore)(mcu);
  }

  get nanos() {
    return this.mcu.clock.nanos;
  }

  // Stop after the current instruction. The first reason counts.
  halt(why) {
    this.halted ??= why;
  }

  // The same at once, between slices: whoever connects when this has returned meets the next boot.
  cut(why) {
    this.halt(why);
    clearTimeout(this.timer);
    clearImmediate(this.timer);
    this.#end();
  }

  type(bytes) {
    this.repl.type(bytes);
    this.#wake();
  }

  // Bytes from the network's side of the UART.
  receive(bytes) {
    this.uart.push(bytes);
    this.#wake();
  }

  start() {
    this.timer = setImmediate(() => this.#slice());
  }

  stop() {
    clearTimeout(this.timer);
    clearImmediate(this.timer);
    this.halted ??= 'off';
  }

  #wake() {
    if (!this.sleeping) return;
    this.sleeping = false;
    clearTimeout(this.timer);
    this.start();
  }

  #exchange() {
    if (this.sent.length && this.network) {
      const bytes = Buffer.from(this.sent);
      this.sent = [];
      this.network.input(bytes);
    }
    this.repl.feed();
    if (this.repl.printed.length) this.events.onPrint?.();
  }

  // Run for some milliseconds of the host's time, then let the host's events in.
  #slice() {
    if (this.halted) return void this.#end(); // between slices, by command
    this.#exchange();
    const now = performance.now(), end = now + SLICE_MS;
    this.allowance = Math.min(this.allowance + (now - this.lastWall) * 1e6, MAX_ALLOWANCE_NANOS);
    this.lastWall = now;
    let dry = false;
    do {
      dry = this.#batch();
      this.#exchange();
    } while (!dry && !this.halted && performance.now() < end);
    if (this.halted) return void this.#end();
    this.sleeping = dry && !this.repl.pending;
    if (this.sleeping) this.timer = setTimeout(() => { this.sleeping = false; this.#slice(); }, 1);
    else this.start();
  }

  #end() {
    if (this.halted !== 'off') this.events.onHalt(this.halted);
  }

  // Run BATCH instructions. Return true if the device sleeps and has to wait for the host's clock.
  #batch() {
    const { mcu, run } = this, { core, clock } = mcu, cycleNanos = 1e9 / mcu.clkSys;
    const halted = () => this.halted !== null;
    let dry = false;
    for (let i = 0; i < BATCH && !this.halted;) {
      if (core.waiting) {
        dry = this.#sleep(core, clock);
        if (dry) break;
        i += IDLE_WEIGHT + 1;
        continue;
      }
      const { count, total } = run(BATCH - i, cycleNanos, halted);
      this.cycles += total;
      this.instructions += count;
      i += count;
    }
    return dry;
  }

  // Skip a sleep (WFE, WFI). It may not outrun the host's clock, or the device's time-outs fire before
  // the host could answer. True: wait for the host.
  #sleep(core, clock) {
    const free = this.options.virtualTime;
    const wanted = clock.nextAlarm ? clock.nanosToNextAlarm : free ? NO_ALARM_STEP_NANOS : Infinity;
    const nanos = free ? wanted : Math.min(wanted, this.allowance);
    if (!free) this.allowance -= nanos;
    this.idleNanos += nanos;
    if (nanos > 0) clock.tick(nanos);
    return !free && nanos < wanted && core.waiting;
  }
}
