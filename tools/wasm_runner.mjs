// Run a script on MicroPython's WebAssembly port as if it were the unix port:
//
//   node wasm_runner.mjs --micropython=FOLDER [-X heapsize=1m] script.py arguments ...
//   node wasm_runner.mjs --micropython=FOLDER [-X heapsize=1m] -c CODE
//
// The host's files stand at their own paths, MICROPYPATH is honoured, standard input, output and error are
// bytes, and the exit code is the script's. The heap cannot be bounded: it grows when it is full, so
// -X heapsize only sets its first size. There are no sockets, and sleep() keeps the processor busy.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { mountHost } from "./wasm_hostfs.mjs";

const BOOT = `
import sys, builtins
def _input(prompt=""):  # the port's own waits for a browser and never returns
    sys.stdout.write(prompt)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\\n")
builtins.input = _input
def _run(path, code):
    # None: ended by itself. Else the exit code, as the unix port gives it.
    try:
        if path is None:
            exec(code, globals())
        else:
            globals()["__file__"] = path
            execfile(path)
    except SystemExit as error:
        code = error.args[0] if error.args else 0
        if code is None or code is True or code is False:
            return int(code or 0)
        if isinstance(code, int):
            return code & 0xff
        sys.stderr.write(str(code) + "\\n")
        return 1
    except BaseException as error:
        sys.print_exception(error, sys.stderr)
        return 1
    return 0
`;

function parse(given) {
  const options = { heapsize: 1 << 20, folder: null, script: null, code: null, argv: [] };
  const rest = [...given];
  while (rest.length) {
    const word = rest.shift();
    if (word.startsWith("--micropython=")) options.folder = word.slice("--micropython=".length);
    else if (word === "-X") options.heapsize = heapSize(rest.shift(), options.heapsize);
    else if (word === "-c") return { ...options, code: rest.shift(), argv: ["-c", ...rest] };
    else return { ...options, script: word, argv: [word, ...rest] };
  }
  throw new Error("usage: wasm_runner.mjs --micropython=FOLDER [-X heapsize=1m] script.py ... | -c CODE");
}

function heapSize(word, otherwise) {
  const match = /^heapsize=(\d+)([kKmM]?)w?$/.exec(word ?? "");
  if (!match) return otherwise; // the unix port too ignores implementation options it does not know
  // Under 128 KB the port's own start-up objects leave too little to run anything.
  return Math.max(128 << 10, Number(match[1]) << { "": 0, k: 10, m: 20 }[match[2].toLowerCase()]);
}

// Collects the bytes that the port hands over one by one; a full pipe (EAGAIN) is waited for.
class Output {
  constructor(fd) {
    this.fd = fd;
    this.buffer = Buffer.alloc(1 << 16);
    this.used = 0;
  }
  put(byte) {
    this.buffer[this.used++] = byte;
    if (this.used === this.buffer.length) this.flush();
  }
  flush() {
    for (let sent = 0; sent < this.used; ) {
      try {
        sent += fs.writeSync(this.fd, this.buffer, sent, this.used - sent);
      } catch (error) {
        if (error.code === "EPIPE") process.exit(1);
        if (error.code !== "EAGAIN") throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
    this.used = 0;
  }
}

function input(beforeWaiting) {
  const buffer = Buffer.alloc(1 << 16);
  let have = 0, at = 0;
  return () => {
    if (at === have) {
      beforeWaiting();
      have = readSome(buffer);
      at = 0;
      if (!have) return null;
    }
    return buffer[at++];
  };
}

function readSome(buffer) {
  for (;;) {
    try {
      return fs.readSync(0, buffer, 0, buffer.length, null);
    } catch (error) {
      if (error.code === "EOF") return 0;
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const out = new Output(1), err = new Output(2);

async function main() {
  const options = parse(process.argv.slice(2));
  const module = pathToFileURL(path.resolve(options.folder, "micropython.mjs"));
  const { loadMicroPython } = await import(module);
  const python = await loadMicroPython({
    heapsize: options.heapsize,
    stdin: input(() => out.flush()),
    stdout: (bytes) => bytes.forEach((byte) => out.put(byte)),
    // Unlike stdout, the port hands stderr over as single numbers when told not to buffer lines.
    stderr: (bytes) => (typeof bytes === "number" ? [bytes] : bytes).forEach((byte) => err.put(byte)),
    linebuffer: false,
  });
  mountHost(python.FS);
  python.runPython(BOOT);
  const search = (process.env.MICROPYPATH ?? ".frozen").split(":");
  const first = options.script === null ? "" : path.dirname(path.resolve(options.script));
  python.globals.set("_start", JSON.stringify({ argv: options.argv, path: [first, ...search] }));
  python.runPython("import json; _start = json.loads(_start)\n" +
    "sys.argv[:] = _start['argv']; sys.path[:] = _start['path']; del _start, json");
  const run = python.globals.get("_run");
  return run(options.script, options.code);
}

function finish(code) {
  out.flush();
  err.flush();
  process.exit(code);
}

main().then(finish, (error) => {
  for (const byte of Buffer.from(`wasm_runner: ${error.stack ?? error}\n`)) err.put(byte);
  finish(70); // EX_SOFTWARE: the runner or the port failed, not the script
});
