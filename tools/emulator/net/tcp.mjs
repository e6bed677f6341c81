// A TCP peer in user space: each connection of the device becomes a socket to the host's loopback.
// Go-back-N with a fixed time-out and no congestion control: the "wire" is a function call.
import net from 'node:net';
import { HOST, TCP, seal } from './packets.mjs';

const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;
const MSS = 1460, WINDOW = 65535, RESEND_MS = 600, LOOK_MS = 200, BUFFERED = 65536;
const MSS_OPTION = Buffer.from([2, 4, MSS >> 8, MSS & 255]), NOTHING = Buffer.alloc(0);
const minus = (a, b) => (a - b) | 0; // of sequence numbers
const plus = (a, b) => (a + b) >>> 0;

function parse(segment) {
  const head = (segment[12] >> 4) * 4;
  return {
    from: segment.readUInt16BE(0), to: segment.readUInt16BE(2),
    seq: segment.readUInt32BE(4), ack: segment.readUInt32BE(8),
    flags: segment[13], window: segment.readUInt16BE(14),
    options: segment.subarray(20, head), data: segment.subarray(head),
  };
}

function maximumSegment(options) {
  for (let at = 0; at < options.length && options[at];) {
    if (options[at] === 1) at++; // padding
    else if (options[at] === 2) return options.readUInt16BE(at + 2);
    else at += options[at + 1] || options.length;
  }
  return 536; // RFC 9293 §3.7.1
}

class Connection {
  constructor(peer, key, to, first) {
    Object.assign(this, { peer, key, to, port: first.from, hostPort: first.to, window: first.window });
    this.received = plus(first.seq, 1); // next byte expected of the device
    this.sent = this.acked = this.start = peer.random.uint32();
    this.segment = Math.min(maximumSegment(first.options), MSS);
    this.unacked = NOTHING; // everything from `acked` on
    this.open = this.hostEnded = this.finSent = this.finAcked = this.deviceEnded = false;
    this.lastSent = Date.now();
  }

  connect() {
    const socket = (this.socket = net.connect(this.hostPort, '127.0.0.1'));
    socket.setNoDelay(true);
    socket.on('connect', () => {
      this.open = true;
      this.send(SYN | ACK);
      this.sent = this.acked = plus(this.start, 1);
    });
    socket.on('data', (data) => { this.unacked = Buffer.concat([this.unacked, data]); this.pump(); });
    socket.on('end', () => { this.hostEnded = true; this.pump(); });
    socket.on('error', () => { this.send(RST | ACK); this.close(); });
    this.timer = setInterval(() => this.#resend(), LOOK_MS);
    this.timer.unref();
  }

  close() {
    clearInterval(this.timer);
    this.socket.destroy();
    this.peer.forget(this.key);
  }

  send(flags, data = NOTHING, seq = this.sent) {
    this.peer.send(this.to, { from: this.hostPort, to: this.port, seq, ack: this.received, flags, data });
  }

  // Send what the device's window has room for, then our end of the stream.
  pump() {
    if (!this.open) return;
    for (;;) {
      const at = minus(this.sent, this.acked);
      const length = Math.min(this.segment, this.unacked.length - at, this.window - at);
      if (length <= 0) break;
      this.send(ACK | PSH, this.unacked.subarray(at, at + length));
      this.#advance(length);
    }
    if (this.hostEnded && !this.finSent && minus(this.sent, this.acked) === this.unacked.length) {
      this.send(FIN | ACK);
      this.#advance(1);
      this.finSent = true;
    }
    if (this.unacked.length > BUFFERED) this.socket.pause();
    else this.socket.resume();
  }

  #advance(length) {
    this.sent = plus(this.sent, length);
    this.lastSent = Date.now();
  }

  #resend() {
    if (!this.open || this.acked === this.sent || Date.now() - this.lastSent <= RESEND_MS) return;
    this.peer.resent++;
    this.lastSent = Date.now();
    this.finSent = false;
    this.sent = this.acked;
    this.pump();
  }

  input(segment) {
    if (segment.flags & RST) return this.close();
    if (segment.flags & SYN) return void (this.open && this.send(SYN | ACK, NOTHING, this.start)); // ours was lost
    if (!this.open) return undefined;
    if (segment.flags & ACK) this.#onAck(segment);
    if (segment.data.length || segment.flags & FIN) this.#onData(segment);
    this.pump();
    if (this.deviceEnded && this.finAcked) this.close();
    return undefined;
  }

  #onAck({ ack, window }) {
    this.window = window;
    if (minus(ack, this.acked) <= 0 || minus(ack, this.sent) > 0) return;
    const count = minus(ack, this.acked);
    if (this.finSent && count > this.unacked.length) this.finAcked = true;
    this.unacked = this.unacked.subarray(count);
    this.acked = ack;
    this.lastSent = Date.now();
  }

  // Only what comes in order is taken; the acknowledgement tells the device what to send again.
  #onData({ seq, data, flags }) {
    if (seq === this.received) {
      if (data.length) this.socket.write(Buffer.from(data));
      this.received = plus(this.received, data.length);
      if (flags & FIN) {
        this.received = plus(this.received, 1);
        this.deviceEnded = true;
        this.socket.end();
      }
    }
    this.send(ACK);
  }
}

export class TcpPeer {
  // output(protocol, source, payload): an IP packet to the device.  random: for sequence numbers.
  constructor(output, random) {
    Object.assign(this, { output, random, connections: new Map(), opened: 0, resent: 0 });
  }

  // A segment of the device to address `to`.
  input(to, payload) {
    const segment = parse(payload), key = `${segment.from}>${to}:${segment.to}`, known = this.connections.get(key);
    if (known) return known.input(segment);
    if (segment.flags & RST) return undefined;
    if (!(segment.flags & SYN) || to !== HOST) return this.#refuse(to, segment);
    const connection = new Connection(this, key, to, segment);
    this.connections.set(key, connection);
    this.opened++;
    return connection.connect();
  }

  #refuse(to, { from, to: port, seq, ack, flags, data }) {
    const length = data.length + (flags & SYN ? 1 : 0);
    this.send(to, { from: port, to: from, seq: ack, ack: plus(seq, length), flags: RST | ACK, data: NOTHING });
  }

  send(source, { from, to, seq, ack, flags, data }) {
    const options = flags & SYN ? MSS_OPTION : NOTHING, head = Buffer.alloc(20);
    head.writeUInt16BE(from, 0);
    head.writeUInt16BE(to, 2);
    head.writeUInt32BE(seq, 4);
    head.writeUInt32BE(flags & ACK ? ack : 0, 8);
    head[12] = ((20 + options.length) / 4) << 4;
    head[13] = flags;
    head.writeUInt16BE(WINDOW, 14);
    this.output(TCP, source, seal(TCP, source, Buffer.concat([head, options, data]), 16));
  }

  forget(key) {
    this.connections.delete(key);
  }

  closeAll() {
    for (const connection of [...this.connections.values()]) connection.close();
  }
}
