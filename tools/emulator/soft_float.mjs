// The boot ROM's floating point, as functions of a register file R: what they compute and how many
// cycles the RP2040 datasheet (2.8.3.2) says that they take. The order is the ROM's table order.

const f32 = new Float32Array(1), u32 = new Uint32Array(f32.buffer);
const f64 = new Float64Array(1), u64 = new Uint32Array(f64.buffer);
const EXPONENT = 0x7f800000, SIGN = 0x80000000, MANTISSA = 0x7fffff;

function fromBits(bits) {
  u32[0] = bits;
  return f32[0];
}

// The ROM flushes denormals to zero, going in and coming out, and makes infinities of NaNs.
const single = (bits) => fromBits((bits & EXPONENT) === 0 ? bits & SIGN : bits);

function toSingle(value) {
  f32[0] = value;
  let bits = u32[0];
  if ((bits & EXPONENT) === 0) bits &= SIGN;
  if ((bits & EXPONENT) === EXPONENT && bits & MANTISSA) bits = EXPONENT;
  return bits >>> 0;
}

function double(R, at) {
  u64[0] = R[at];
  u64[1] = R[at + 1];
  return f64[0];
}

function setDouble(R, value, at = 0) {
  f64[0] = value;
  R[at] = u64[0];
  R[at + 1] = u64[1];
}

function clamp(value, low, high) {
  if (Number.isNaN(value)) return 0;
  return Math.min(Math.max(Math.floor(value), low), high);
}

const toInt32 = (value) => clamp(value, -(2 ** 31), 2 ** 31 - 1) >>> 0;
const toUint32 = (value) => clamp(value, 0, 2 ** 32 - 1) >>> 0;

function clampBig(value, signed) {
  const low = signed ? -(1n << 63n) : 0n, high = signed ? (1n << 63n) - 1n : (1n << 64n) - 1n;
  if (Number.isNaN(value)) return 0n;
  if (!Number.isFinite(value)) return value > 0 ? high : low;
  const big = BigInt(Math.floor(value));
  return big < low ? low : big > high ? high : big;
}

function setInt64(R, value, signed) {
  const bits = BigInt.asUintN(64, clampBig(value, signed));
  R[0] = Number(bits & 0xffffffffn);
  R[1] = Number(bits >> 32n);
}

function int64(R, signed) {
  const bits = (BigInt(R[1]) << 32n) | BigInt(R[0]);
  return Number(signed ? BigInt.asIntN(64, bits) : bits);
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const power = (R, at) => 2 ** (R[at] | 0); // of a fixed-point argument

// Comparison by the flags, as `cmp` would leave them.
function setFlags(core, order) {
  core.N = order < 0;
  core.Z = order === 0;
  core.C = order >= 0;
  core.V = false;
}

// Return [[function of R, cycles], ...] of the single-precision table.
export function singleTable(core) {
  const one = (fn, cycles) => [(R) => { R[0] = toSingle(fn(single(R[0]))); }, cycles];
  const two = (fn, cycles) => [(R) => { R[0] = toSingle(fn(single(R[0]), single(R[1]))); }, cycles];
  const order = (R) => compare(single(R[0]), single(R[1]));
  return [
    two((a, b) => a + b, 71), two((a, b) => a - b, 74), two((a, b) => a * b, 58), two((a, b) => a / b, 71),
    [(R) => { R[0] = order(R); }, 35], [(R) => setFlags(core, order(R)), 35],
    one(Math.sqrt, 63),
    [(R) => { R[0] = toInt32(single(R[0])); }, 39], [(R) => { R[0] = toInt32(single(R[0]) * power(R, 1)); }, 40],
    [(R) => { R[0] = toUint32(single(R[0])); }, 38], [(R) => { R[0] = toUint32(single(R[0]) * power(R, 1)); }, 39],
    [(R) => { R[0] = toSingle(R[0] | 0); }, 55], [(R) => { R[0] = toSingle((R[0] | 0) / power(R, 1)); }, 53],
    [(R) => { R[0] = toSingle(R[0]); }, 54], [(R) => { R[0] = toSingle(R[0] / power(R, 1)); }, 52],
    one(Math.cos, 603), one(Math.sin, 593), one(Math.tan, 669),
    [(R) => { const x = single(R[0]); R[0] = toSingle(Math.sin(x)); R[1] = toSingle(Math.cos(x)); }, 700],
    one(Math.exp, 574), one(Math.log, 526),
    [(R) => { R[0] = order(R); }, 35],
    two(Math.atan2, 599),
    [(R) => { R[0] = toSingle(int64(R, true)); }, 60], [(R) => { R[0] = toSingle(int64(R, true) / power(R, 2)); }, 60],
    [(R) => { R[0] = toSingle(int64(R, false)); }, 60], [(R) => { R[0] = toSingle(int64(R, false) / power(R, 2)); }, 60],
    [(R) => setInt64(R, single(R[0]), true), 55], [(R) => setInt64(R, single(R[0]) * power(R, 1), true), 55],
    [(R) => setInt64(R, single(R[0]), false), 55], [(R) => setInt64(R, single(R[0]) * power(R, 1), false), 55],
    [(R) => setDouble(R, single(R[0])), 40],
  ];
}

// Return [[function of R, cycles], ...] of the double-precision table.
export function doubleTable(core) {
  const one = (fn, cycles) => [(R) => setDouble(R, fn(double(R, 0))), cycles];
  const two = (fn, cycles) => [(R) => setDouble(R, fn(double(R, 0), double(R, 2))), cycles];
  const order = (R) => compare(double(R, 0), double(R, 2));
  return [
    two((a, b) => a + b, 91), two((a, b) => a - b, 95), two((a, b) => a * b, 155), two((a, b) => a / b, 183),
    [(R) => { R[0] = order(R); }, 39], [(R) => setFlags(core, order(R)), 39],
    one(Math.sqrt, 169),
    [(R) => { R[0] = toInt32(double(R, 0)); }, 75], [(R) => { R[0] = toInt32(double(R, 0) * power(R, 2)); }, 74],
    [(R) => { R[0] = toUint32(double(R, 0)); }, 70], [(R) => { R[0] = toUint32(double(R, 0) * power(R, 2)); }, 75],
    [(R) => setDouble(R, R[0] | 0), 69], [(R) => setDouble(R, (R[0] | 0) / power(R, 1)), 69],
    [(R) => setDouble(R, R[0]), 69], [(R) => setDouble(R, R[0] / power(R, 1)), 69],
    one(Math.cos, 1711), one(Math.sin, 1618), one(Math.tan, 1891),
    [(R) => { const x = double(R, 0); setDouble(R, Math.sin(x)); setDouble(R, Math.cos(x), 2); }, 2000],
    one(Math.exp, 1617), one(Math.log, 1561),
    [(R) => { R[0] = order(R); }, 39],
    two(Math.atan2, 1820),
    [(R) => setDouble(R, int64(R, true)), 75], [(R) => setDouble(R, int64(R, true) / power(R, 2)), 75],
    [(R) => setDouble(R, int64(R, false)), 75], [(R) => setDouble(R, int64(R, false) / power(R, 2)), 75],
    [(R) => setInt64(R, double(R, 0), true), 80], [(R) => setInt64(R, double(R, 0) * power(R, 2), true), 80],
    [(R) => setInt64(R, double(R, 0), false), 80], [(R) => setInt64(R, double(R, 0) * power(R, 2), false), 80],
    [(R) => { R[0] = toSingle(Math.fround(double(R, 0))); }, 62],
  ];
}
