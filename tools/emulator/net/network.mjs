// The device's network: a PPP link to a host that has one address, 10.0.2.2, which is this machine's
// loopback. Loses, delays or stops packets as told.
import { ICMP, NAME_SERVER, HOST, TCP, UDP, ipPacket, parseIp, pong } from './packets.mjs';
import { Ppp } from './ppp.mjs';
import { TcpPeer } from './tcp.mjs';
import { UdpPeer } from './udp.mjs';

const PING = 8;

export class Network {
  // send(Buffer): to the device's UART.  random: of random.mjs, for packet loss.
  // loss: fraction of packets, each way.  latency_ms: each way.  down: nothing passes.
  constructor({ send, random, loss = 0, latency_ms = 0, down = false }) {
    this.conditions = { loss, latency_ms, down };
    this.random = random;
    this.packets = { fromDevice: 0, toDevice: 0, lost: 0 };
    const output = (...packet) => this.#output(...packet);
    this.tcp = new TcpPeer(output, random);
    this.udp = new UdpPeer(output);
    this.ppp = new Ppp({ send, onPacket: (packet) => this.#onPacket(packet), onDown: () => this.close() });
  }

  // Bytes that the device sent.
  input(bytes) {
    this.ppp.input(bytes);
  }

  // Change conditions while the device runs.
  set(conditions) {
    Object.assign(this.conditions, conditions);
  }

  close() {
    this.tcp.closeAll();
    this.udp.closeAll();
  }

  get stats() {
    return { ...this.packets, resent: this.tcp.resent, connections: this.tcp.opened };
  }

  // Pass a packet on, or not, as conditions are.
  #carry(deliver) {
    const { loss, latency_ms, down } = this.conditions;
    if (down || (loss && this.random.fraction() < loss)) this.packets.lost++;
    else if (latency_ms) setTimeout(deliver, latency_ms);
    else deliver();
  }

  #onPacket(bytes) {
    this.packets.fromDevice++;
    const packet = parseIp(bytes);
    if (packet) this.#carry(() => this.#deliver(packet));
  }

  #deliver({ protocol, to, payload }) {
    if (protocol === TCP) this.tcp.input(to, payload);
    else if (protocol === UDP) this.udp.input(to, payload);
    else if (protocol === ICMP && payload[0] === PING && (to === HOST || to === NAME_SERVER)) {
      this.#output(ICMP, to, pong(payload));
    }
  }

  #output(protocol, source, payload) {
    const packet = ipPacket(protocol, source, payload, this.packets.toDevice++);
    this.#carry(() => this.ppp.sendPacket(packet));
  }
}
