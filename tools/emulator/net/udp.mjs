// UDP of the device: DNS answered here, everything else to the host's loopback and back.
import dgram from 'node:dgram';
import { HOST, NAME_SERVER, UDP, dnsAnswer, udpPayload } from './packets.mjs';

const IDLE_MS = 60000, DNS_PORT = 53;

export class UdpPeer {
  // output(protocol, source, payload): an IP packet to the device.
  constructor(output) {
    Object.assign(this, { output, flows: new Map(), dropped: 0 });
  }

  input(to, payload) {
    const from = payload.readUInt16BE(0), port = payload.readUInt16BE(2), data = Buffer.from(payload.subarray(8));
    const answer = (reply) => this.output(UDP, to, udpPayload(to, port, from, reply));
    if (to === NAME_SERVER && port === DNS_PORT) answer(dnsAnswer(data));
    else if (to === HOST) this.#forward(`${from}>${port}`, port, data, answer);
    else this.dropped++;
  }

  // One socket for each pair of ports, so that answers find their way back.
  #forward(key, port, data, answer) {
    let flow = this.flows.get(key);
    if (!flow) {
      const socket = dgram.createSocket('udp4');
      flow = { socket, ready: new Promise((resolve) => socket.connect(port, '127.0.0.1', resolve)) };
      socket.on('message', answer);
      socket.on('error', () => {}); // nobody listens there: the device's own time-out tells it
      this.flows.set(key, flow);
    }
    clearTimeout(flow.timer);
    flow.timer = setTimeout(() => this.#close(key), IDLE_MS);
    flow.timer.unref();
    flow.ready.then(() => flow.closed || flow.socket.send(data));
  }

  #close(key) {
    const flow = this.flows.get(key);
    clearTimeout(flow.timer);
    flow.closed = true;
    flow.socket.close();
    this.flows.delete(key);
  }

  closeAll() {
    for (const key of [...this.flows.keys()]) this.#close(key);
  }
}
