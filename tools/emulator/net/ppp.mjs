// The PPP peer: HDLC-like framing (RFC 1662), LCP (RFC 1661) and IPCP (RFC 1332) as far as lwIP asks.
import { DEVICE, HOST, NAME_SERVER, word32 } from './packets.mjs';

const FLAG = 0x7e, ESCAPE = 0x7d, GOOD_FCS = 0xf0b8;
const IP = 0x0021, IPCP = 0x8021, LCP = 0xc021;
const REQUEST = 1, ACK = 2, NAK = 3, REJECT = 4, TERMINATE = 5, TERMINATED = 6;
const PROTOCOL_REJECT = 8, ECHO = 9, ECHO_REPLY = 10;
const ASK_AGAIN_MS = 1000;
const TABLE = Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0x8408 : value >> 1;
  return value;
});

function fcs(bytes) {
  let value = 0xffff;
  for (const byte of bytes) value = (value >> 8) ^ TABLE[(value ^ byte) & 255];
  return value;
}

function* options(data) {
  for (let at = 0; at + 1 < data.length && data[at + 1] >= 2; at += data[at + 1]) {
    yield data.subarray(at, at + data[at + 1]);
  }
}

// What we ask for: no control character escaped; the host's address.
const OUR_OPTIONS = {
  [LCP]: Buffer.from([2, 6, 0, 0, 0, 0]),
  [IPCP]: Buffer.concat([Buffer.from([3, 6]), word32(HOST)]),
};
// What the device gets: IPCP's address and its two name servers.
const ITS_OPTIONS = { 3: DEVICE, 129: NAME_SERVER, 131: NAME_SERVER };

export class Ppp {
  // send(Buffer): to the UART.  onPacket(Buffer): an IP packet of the device.  onDown(): link closed.
  constructor({ send, onPacket, onDown }) {
    Object.assign(this, { send, onPacket, onDown, frame: [], escaped: false, id: 0 });
    this.#reset();
  }

  #reset() {
    this.asked = { [LCP]: -Infinity, [IPCP]: -Infinity };
    this.acked = { [LCP]: false, [IPCP]: false };
    this.up = false;
  }

  input(bytes) {
    for (const byte of bytes) {
      if (byte === FLAG) {
        if (this.frame.length) this.#onFrame(this.frame);
        this.frame = [];
        this.escaped = false;
      } else if (byte === ESCAPE) this.escaped = true;
      else {
        this.frame.push(this.escaped ? byte ^ 0x20 : byte);
        this.escaped = false;
      }
    }
  }

  sendPacket(packet) {
    this.#write(IP, packet);
  }

  #write(protocol, payload) {
    const body = Buffer.concat([Buffer.from([0xff, 3, protocol >> 8, protocol & 255]), payload]);
    const check = fcs(body) ^ 0xffff, line = [FLAG];
    for (const byte of [...body, check & 255, check >> 8]) {
      if (byte === FLAG || byte === ESCAPE || byte < 0x20) line.push(ESCAPE, byte ^ 0x20);
      else line.push(byte);
    }
    line.push(FLAG);
    this.send(Buffer.from(line));
  }

  #control(protocol, code, id, data = Buffer.alloc(0)) {
    const length = data.length + 4;
    this.#write(protocol, Buffer.concat([Buffer.from([code, id, length >> 8, length & 255]), data]));
  }

  #onFrame(frame) {
    if (frame.length < 4 || fcs(frame) !== GOOD_FCS) return undefined;
    let body = Buffer.from(frame.slice(0, -2));
    if (body[0] === 0xff && body[1] === 3) body = body.subarray(2); // else the header was compressed
    const short = body[0] & 1, protocol = short ? body[0] : body.readUInt16BE(0);
    body = body.subarray(short ? 1 : 2);
    if (protocol === IP) return void this.onPacket(body);
    if (protocol !== LCP && protocol !== IPCP) {
      const refused = Buffer.concat([Buffer.from([protocol >> 8, protocol & 255]), body]);
      return void this.#control(LCP, PROTOCOL_REJECT, ++this.id & 255, refused);
    }
    const length = body.readUInt16BE(2);
    return void this.#onControl(protocol, body[0], body[1], body.subarray(4, length));
  }

  #onControl(protocol, code, id, data) {
    if (code === REQUEST) this.#onRequest(protocol, id, data);
    else if (code === ACK) this.acked[protocol] = true;
    else if (code === ECHO && protocol === LCP) {
      this.#control(LCP, ECHO_REPLY, id, Buffer.concat([Buffer.alloc(4), data.subarray(4)]));
    } else if (code === TERMINATE) {
      this.#control(protocol, TERMINATED, id);
      this.#reset();
      this.onDown();
    }
  }

  #onRequest(protocol, id, data) {
    if (protocol === LCP && this.acked[LCP]) { // the device starts anew
      this.#reset();
      this.onDown();
    }
    if (protocol === LCP) this.#control(LCP, ACK, id, data);
    else this.#answerIpcp(id, data);
    if (!this.acked[protocol] && Date.now() - this.asked[protocol] > ASK_AGAIN_MS) {
      this.asked[protocol] = Date.now();
      this.#control(protocol, REQUEST, ++this.id & 255, OUR_OPTIONS[protocol]);
    }
  }

  #answerIpcp(id, data) {
    const rejected = [], corrected = [];
    for (const option of options(data)) {
      const wanted = ITS_OPTIONS[option[0]];
      if (wanted === undefined) rejected.push(option);
      else if (option.readUInt32BE(2) !== wanted) {
        corrected.push(Buffer.concat([option.subarray(0, 2), word32(wanted)]));
      }
    }
    if (rejected.length) this.#control(IPCP, REJECT, id, Buffer.concat(rejected));
    else if (corrected.length) this.#control(IPCP, NAK, id, Buffer.concat(corrected));
    else {
      this.#control(IPCP, ACK, id, data);
      this.up = true;
    }
  }
}
