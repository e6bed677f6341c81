// rp2040js, from the folder that emulator.py installed it into (.cache; pinned by package-lock.json).
import path from 'node:path';
import { createRequire } from 'node:module';

const folder = process.env.SIGV4_MP_RP2040JS;
if (!folder) throw new Error('SIGV4_MP_RP2040JS must name the folder that holds node_modules');
export const { RP2040, USBCDC, ConsoleLogger, LogLevel } = createRequire(
  path.join(path.resolve(folder), 'from-here.js'),
)('rp2040js');
