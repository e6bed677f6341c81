// IPv4, UDP and ICMP packets, as bytes: checksums, headers, and nothing that remembers.

export const ICMP = 1, TCP = 6, UDP = 17;
export const address = (text) => text.split('.').reduce((all, part) => all * 256 + Number(part), 0);
export const DEVICE = address('10.0.2.15'), HOST = address('10.0.2.2'), NAME_SERVER = address('10.0.2.3');

// The one's complement sum of 16-bit words (RFC 1071), going on from `sum`.
export function checksum(bytes, sum = 0) {
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

export function word32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

// An IPv4 packet from `source` to the device; `id` tells packets apart.
export function ipPacket(protocol, source, payload, id) {
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(20 + payload.length, 2);
  head.writeUInt16BE(id & 0xffff, 4);
  head[6] = 0x40; // don't fragment
  head[8] = 64;
  head[9] = protocol;
  head.writeUInt32BE(source, 12);
  head.writeUInt32BE(DEVICE, 16);
  head.writeUInt16BE(~checksum(head) & 0xffff, 10);
  return Buffer.concat([head, payload]);
}

// Return {protocol, to, payload} of an IPv4 packet of the device, or null for anything else.
export function parseIp(packet) {
  if (packet.length < 20 || packet[0] >> 4 !== 4) return null;
  const payload = packet.subarray((packet[0] & 15) * 4, packet.readUInt16BE(2));
  return { protocol: packet[9], to: packet.readUInt32BE(16), payload };
}

// Fill in the checksum at `at` of a TCP or UDP payload sent from `source` to the device.
export function seal(protocol, source, payload, at) {
  const pseudo = Buffer.concat([word32(source), word32(DEVICE), Buffer.from([0, protocol, 0, 0])]);
  pseudo.writeUInt16BE(payload.length, 10);
  const sum = ~checksum(payload, checksum(pseudo)) & 0xffff;
  payload.writeUInt16BE(protocol === UDP ? sum || 0xffff : sum, at);
  return payload;
}

export function udpPayload(source, fromPort, toPort, data) {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(fromPort, 0);
  head.writeUInt16BE(toPort, 2);
  head.writeUInt16BE(8 + data.length, 4);
  return seal(UDP, source, Buffer.concat([head, data]), 6);
}

export function pong(ping) {
  const answer = Buffer.from(ping);
  answer[0] = answer[2] = answer[3] = 0;
  answer.writeUInt16BE(~checksum(answer) & 0xffff, 2);
  return answer;
}

// The answer to a DNS query: every name is the host; other types than A have no records.
export function dnsAnswer(query) {
  let end = 12;
  while (query[end]) end += query[end] + 1;
  const isA = query.readUInt16BE(end + 1) === 1;
  const found = Buffer.concat([Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]), word32(HOST)]);
  const record = isA ? found : Buffer.alloc(0);
  const answer = Buffer.concat([query.subarray(0, end + 5), record]);
  answer[2] = 0x81;
  answer[3] = 0x80; // a response, recursion available, no error
  answer.writeUInt16BE(isA ? 1 : 0, 6);
  answer.writeUInt32BE(0, 8);
  return answer;
}
