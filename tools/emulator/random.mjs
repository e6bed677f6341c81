// Random numbers from a seed: the same seed gives the same packet loss and the same os.urandom().

// sfc32, a small generator of good quality; one 32-bit state word is a counter, so it never sticks.
export function seeded(seed) {
  let a = seed >>> 0, b = 0x9e3779b9, c = 0x243f6a88, counter = 1;
  const next = () => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return { uint32: next, fraction: () => next() / 2 ** 32 };
}
