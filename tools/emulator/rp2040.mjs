// An RP2040 board with MicroPython: REPL on a TCP port, network by PPP, flash in a file.
//   node rp2040.mjs --image firmware.bin --port 4451 [--store FILE] [--ppp] [options: see README.md]
// Prints one JSON line for each event on stderr. Started by emulator.py, which knows the folders.
import net from 'node:net';
import { parseArgs } from 'node:util';
import { Flash } from './flash.mjs';
import { Machine } from './machine.mjs';
import { Network } from './net/network.mjs';
import { seeded } from './random.mjs';

const text = { type: 'string' }, flag = { type: 'boolean', default: false };
const { values } = parseArgs({
  options: {
    image: text, store: text, port: { type: 'string', default: '0' }, control: text, seed: text,
    ppp: flag, loss: text, 'latency-ms': text, 'link-down': flag,
    'power-cut': text, 'stay-off': flag, 'fast-flash': flag, 'virtual-time': flag, 'reference-core': flag, verbose: flag,
  },
});
const number = (name, fallback = 0) => {
  const value = values[name] === undefined ? fallback : Number(values[name]);
  if (!Number.isFinite(value)) throw new Error(`--${name} wants a number, not ${values[name]}`);
  return value;
};
if (!values.image) throw new Error('--image FILE is needed');

const KEPT_PRINTS = 4096; // of at most 64 bytes each

const random = seeded(number('seed', Math.floor(Math.random() * 2 ** 32)));
const begun = performance.now();
let flash, machine, network, client, boots = 0, cutAt = number('power-cut');

function tell(event, more = {}) {
  const times = { host_ms: Math.round(performance.now() - begun), emulated_ms: Math.round(machine.nanos / 1e4) / 100 };
  const line = { event, boot: boots, ...times, cycles: Math.round(machine.cycles), ...more };
  process.stderr.write(JSON.stringify(line) + '\n');
}

const flashCounts = () => ({ erases: flash.erases, programs: flash.programs });

// The board gets power: from the flash file if there is one, else from what the flash held before.
function powerOn(conditions) {
  boots++;
  const before = flash?.bytes.slice();
  flash = new Flash({ image: values.image, store: values.store, cutAt });
  if (before && !values.store) flash.bytes.set(before);
  const send = (bytes) => machine.receive(bytes);
  network = values.ppp ? new Network({ send, random, ...conditions }) : null;
  machine = new Machine({
    flash, random, network,
    options: {
      fastFlash: values['fast-flash'], virtualTime: values['virtual-time'],
      referenceCore: values['reference-core'], verbose: values.verbose,
    },
    events: { onHalt, onPrint, onPrompt: () => tell('prompt') },
  });
  machine.start();
  tell('power-on');
}

// What is printed while nobody is connected waits, up to a point, for whoever connects first.
function onPrint() {
  const { printed } = machine.repl;
  if (client) client.write(Buffer.concat(printed.splice(0)));
  else if (printed.length > KEPT_PRINTS) printed.splice(0, printed.length - KEPT_PRINTS);
}

// The USB cable is part of the board: its connection ends with the power.
function onHalt(why) {
  tell(why.startsWith('fault') ? 'fault' : why, { why, ...flashCounts() });
  flash.dirty = true;
  flash.save();
  network?.close();
  client?.end();
  client = null;
  if (why === 'power-cut') cutAt = 0; // it happens once
  if (values['stay-off'] || (why !== 'power-cut' && why !== 'reset')) process.exit(why === 'power-cut' ? 0 : 2);
  powerOn(network?.conditions);
}

const repl = net.createServer((socket) => {
  client?.destroy(); // the newest connection has the port
  client = socket;
  socket.setNoDelay(true);
  onPrint();
  socket.on('data', (data) => { if (client === socket) machine.type(data); });
  socket.on('close', () => {
    if (client === socket) client = null;
    flash.save();
  });
  socket.on('error', () => {});
});

// One JSON object a line: {"link": {"loss": 0.1}}, {"cut_in": 3}, {"cut": true}; answers with counts.
function command(line) {
  const { link, cut, cut_in: cutIn } = JSON.parse(line);
  if (link) network.set(link);
  if (cutIn) flash.cutAt = flash.operations + cutIn;
  if (cut) machine.cut('power-cut');
  const { cycles, nanos, idleNanos } = machine;
  return { boots, cycles, nanos, idle_nanos: idleNanos, flash: flashCounts(), network: network?.stats };
}

const control = net.createServer((socket) => {
  let rest = '';
  socket.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) socket.write(JSON.stringify(command(line)) + '\n');
  });
  socket.on('error', () => {});
});

function quit() {
  flash.save();
  tell('off', flashCounts());
  process.exit(0);
}
process.on('SIGTERM', quit);
process.on('SIGINT', quit);

powerOn({ loss: number('loss'), latency_ms: number('latency-ms'), down: values['link-down'] });
repl.listen(number('port'), '127.0.0.1', () => tell('listening', { port: repl.address().port }));
if (values.control !== undefined) {
  control.listen(number('control'), '127.0.0.1', () => tell('control', { port: control.address().port }));
}
