// The REPL: the device's USB serial port, bridged to one TCP connection at a time.
import { USBCDC } from './rp2040js.mjs';

const FIFO_ROOM = 500; // of the 512 bytes of rp2040js's FIFO
const WAKE_NANOS = 1e6; // after enumeration: an Enter, so that the prompt shows that the board is up
const PROMPT = '>>> ';

export class UsbRepl {
  constructor(mcu, { onPrompt }) {
    this.mcu = mcu;
    this.cdc = new USBCDC(mcu.usbCtrl);
    this.typed = []; // bytes for the device
    this.printed = []; // Buffers from the device
    this.heldRead = null;
    this.tail = '';
    this.prompted = false;
    this.onPrompt = onPrompt;
    const wake = mcu.clock.createAlarm(() => this.type([13, 10]));
    this.cdc.onDeviceConnected = () => wake.schedule(WAKE_NANOS);
    this.cdc.onSerialData = (data) => this.#print(Buffer.from(data));
    // rp2040js answers every read at once, with an empty packet when it has no data: the firmware then
    // spends half its time in the USB interrupt. A real host says "not yet": hold the read.
    mcu.usbCtrl.onEndpointRead = (endpoint, size) => {
      if (endpoint !== this.cdc.outEndpoint) return;
      this.heldRead = size;
      this.#answerRead();
    };
  }

  type(bytes) {
    for (const byte of bytes) this.typed.push(byte);
    this.feed();
  }

  // Pass on what was typed, as far as the device takes it.
  feed() {
    const fifo = this.cdc.txFIFO;
    let taken = 0;
    while (taken < this.typed.length && fifo.itemCount < FIFO_ROOM) this.cdc.sendSerialByte(this.typed[taken++]);
    if (taken) this.typed.splice(0, taken);
    this.#answerRead();
  }

  get pending() {
    return this.typed.length > 0 || this.cdc.txFIFO.itemCount > 0;
  }

  #answerRead() {
    const fifo = this.cdc.txFIFO;
    if (this.heldRead === null || !fifo.itemCount) return;
    const bytes = new Uint8Array(Math.min(this.heldRead, fifo.itemCount));
    for (let i = 0; i < bytes.length; i++) bytes[i] = fifo.pull();
    this.heldRead = null;
    this.mcu.usbCtrl.endpointReadDone(this.cdc.outEndpoint, bytes);
  }

  #print(data) {
    this.printed.push(data);
    if (this.prompted) return;
    this.tail = (this.tail + data.toString('latin1')).slice(-PROMPT.length);
    if (this.tail !== PROMPT) return;
    this.prompted = true;
    this.onPrompt();
  }
}
