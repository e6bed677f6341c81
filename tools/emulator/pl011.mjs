// A PL011 UART with working FIFO levels, receive time-out and transmit interrupt. rp2040js's own keeps
// the transmit interrupt raised, which traps MicroPython's driver in its handler, and has no time-out.

const DATA = 0x00, FLAGS = 0x18, LEVELS = 0x34, MASK = 0x38, RAW_STATUS = 0x3c, MASKED_STATUS = 0x40, CLEAR = 0x44;
const RX = 0x10, TX = 0x20, RX_TIMEOUT = 0x40;
const RX_EMPTY = 0x10, TX_FULL = 0x20, RX_FULL = 0x40, TX_EMPTY = 0x80, BUSY = 0x08;
const DEPTH = 32, LEVEL = [4, 8, 16, 24, 28, 28, 28, 28], BITS_PER_BYTE = 10, TIMEOUT_BITS = 32;

export class Pl011 {
  // Takes over `uart` (of rp2040js); onByte(byte) is called for each byte that the device sends.
  constructor(mcu, uart, onByte) {
    Object.assign(this, { mcu, uart, onByte, received: [], waiting: [], sending: [], status: TX, levels: 0x12 });
    this.timeout = mcu.clock.createAlarm(() => this.#raise(this.received.length ? RX_TIMEOUT : 0));
    this.arrival = mcu.clock.createAlarm(() => this.#arrive());
    this.departure = mcu.clock.createAlarm(() => this.#depart());
    this.arriving = false;
    const read = uart.readUint32.bind(uart), write = uart.writeUint32.bind(uart);
    uart.checkInterrupts = () => this.#update();
    uart.readUint32 = (at) => this.#read(at) ?? read(at);
    uart.writeUint32 = (at, value) => { if (!this.#write(at, value)) write(at, value); };
  }

  // Bytes for the device; they arrive at the UART's speed, and wait while its FIFO is full.
  push(bytes) {
    for (const byte of bytes) this.waiting.push(byte);
    if (this.arriving || !this.waiting.length) return;
    this.arriving = true;
    this.arrival.schedule(this.#nanos(BITS_PER_BYTE));
  }

  #nanos(bits) {
    return (bits * 1e9) / Math.max(1, this.uart.baudRate || 115200);
  }

  #update() {
    this.mcu.setInterrupt(this.uart.irq, !!(this.status & this.uart.interruptMask));
  }

  #raise(bits) {
    this.status |= bits;
    this.#update();
  }

  get #rxLevel() {
    return LEVEL[(this.levels >> 3) & 7];
  }

  get #txLevel() {
    return LEVEL[Math.min(4, this.levels & 7)];
  }

  #arrive() {
    if (this.waiting.length && this.received.length < DEPTH) {
      this.received.push(this.waiting.shift());
      this.timeout.schedule(this.#nanos(TIMEOUT_BITS));
      this.#raise(this.received.length >= this.#rxLevel ? RX : 0);
    }
    this.arriving = this.waiting.length > 0;
    if (this.arriving) this.arrival.schedule(this.#nanos(BITS_PER_BYTE));
  }

  #depart() {
    this.onByte(this.sending.shift());
    this.#raise(this.sending.length <= this.#txLevel ? TX : 0);
    if (this.sending.length) this.departure.schedule(this.#nanos(BITS_PER_BYTE));
  }

  #take() {
    const byte = this.received.length ? this.received.shift() : 0;
    if (this.received.length < this.#rxLevel) this.status &= ~RX;
    if (this.received.length) this.timeout.schedule(this.#nanos(TIMEOUT_BITS));
    else {
      this.status &= ~RX_TIMEOUT;
      this.timeout.cancel();
    }
    this.#update();
    return byte;
  }

  #send(byte) {
    if (this.sending.length >= DEPTH) return; // as the hardware does: it is lost
    this.sending.push(byte);
    if (this.sending.length > this.#txLevel) this.status &= ~TX;
    if (this.sending.length === 1) this.departure.schedule(this.#nanos(BITS_PER_BYTE));
    this.#update();
  }

  #flags() {
    const rx = this.received.length, tx = this.sending.length;
    return (rx ? 0 : RX_EMPTY) | (rx >= DEPTH ? RX_FULL : 0) | (tx >= DEPTH ? TX_FULL : 0) | (tx ? BUSY : TX_EMPTY);
  }

  // The registers we stand in for; undefined (false for a write): the others, rp2040js has them.
  #read(at) {
    if (at === DATA) return this.#take();
    if (at === FLAGS) return this.#flags();
    if (at === LEVELS) return this.levels;
    if (at === RAW_STATUS) return this.status;
    if (at === MASKED_STATUS) return this.status & this.uart.interruptMask;
    return undefined;
  }

  #write(at, value) {
    if (at === DATA) this.#send(value & 255);
    else if (at === LEVELS) this.levels = value;
    else if (at === MASK) this.uart.interruptMask = value & 0x7ff;
    else if (at === CLEAR) this.status &= ~this.uart.rawWriteValue;
    else return false;
    this.#update();
    return true;
  }
}
