// A file system for Emscripten's FS that passes through to the host, so that a script sees the same
// paths under WebAssembly as under the unix port. The port is built with MEMFS only (no NODEFS).
import fs from "node:fs";
import path from "node:path";

// Emscripten speaks WASI's errno numbers; these are the ones that a file operation of ours can meet.
const WASI_ERRNO = {
  EACCES: 2, EBADF: 8, EBUSY: 10, EEXIST: 20, EINVAL: 28, EIO: 29, EISDIR: 31, ELOOP: 32, EMFILE: 33,
  ENAMETOOLONG: 37, ENOENT: 44, ENOSPC: 51, ENOTDIR: 54, ENOTEMPTY: 55, EPERM: 63, EROFS: 69, EXDEV: 75,
};

export function hostFileSystem(FS) {
  const onHost = (node) => {
    const parts = [];
    for (let at = node; at.parent !== at; at = at.parent) parts.unshift(at.name);
    return path.join(node.mount.opts.root, ...parts);
  };
  const guarded = (work) => {
    try {
      return work();
    } catch (error) {
      if (error instanceof FS.ErrnoError) throw error;
      throw new FS.ErrnoError(WASI_ERRNO[error.code] ?? WASI_ERRNO.EIO);
    }
  };
  const makeNode = (parent, name, mode) => {
    const node = FS.createNode(parent, name, mode, 0);
    node.node_ops = node_ops;
    node.stream_ops = stream_ops;
    return node;
  };

  const node_ops = {
    getattr: (node) => guarded(() => {
      const stat = fs.statSync(onHost(node));
      return { ...stat, ino: node.id, rdev: 0, atime: stat.atime, mtime: stat.mtime, ctime: stat.ctime };
    }),
    setattr: (node, attributes) => guarded(() => {
      if (attributes.size !== undefined) fs.truncateSync(onHost(node), attributes.size);
    }),
    lookup: (parent, name) => guarded(() =>
      makeNode(parent, name, fs.statSync(path.join(onHost(parent), name)).mode)),
    mknod: (parent, name, mode) => guarded(() => {
      const target = path.join(onHost(parent), name);
      if (FS.isDir(mode)) fs.mkdirSync(target);
      else fs.closeSync(fs.openSync(target, "wx"));
      return makeNode(parent, name, mode);
    }),
    rename: (node, folder, name) => guarded(() => {
      fs.renameSync(onHost(node), path.join(onHost(folder), name));
      node.name = name;
    }),
    unlink: (parent, name) => guarded(() => fs.unlinkSync(path.join(onHost(parent), name))),
    rmdir: (parent, name) => guarded(() => fs.rmdirSync(path.join(onHost(parent), name))),
    readdir: (node) => guarded(() => [".", "..", ...fs.readdirSync(onHost(node))]),
  };

  const stream_ops = {
    open: (stream) => guarded(() => {
      if (!FS.isFile(stream.node.mode)) return;
      // O_CREAT, O_EXCL and O_TRUNC are done by Emscripten before it gets here; only the access mode is left.
      stream.hostFd = fs.openSync(onHost(stream.node), ["r", "r+", "r+"][stream.flags & 3]);
    }),
    close: (stream) => guarded(() => {
      if (stream.hostFd !== undefined) fs.closeSync(stream.hostFd);
    }),
    read: (stream, memory, offset, length, position) => guarded(() =>
      fs.readSync(stream.hostFd, memory, offset, length, position)),
    write: (stream, memory, offset, length, position) => guarded(() =>
      fs.writeSync(stream.hostFd, memory, offset, length, position)),
    llseek: (stream, offset, whence) => guarded(() => {
      const base = [0, stream.position, whence === 2 ? fs.fstatSync(stream.hostFd).size : 0][whence];
      if (base + offset < 0) throw new FS.ErrnoError(WASI_ERRNO.EINVAL);
      return base + offset;
    }),
  };

  return { mount: (mount) => makeNode(null, "/", fs.statSync(mount.opts.root).mode) };
}

// Mount every folder of the host's root, except the ones that Emscripten makes itself.
export function mountHost(FS) {
  const type = hostFileSystem(FS);
  for (const name of fs.readdirSync("/")) {
    if (["dev", "proc", "sys"].includes(name)) continue;
    const folder = "/" + name;
    try {
      if (!fs.statSync(folder).isDirectory()) continue;
    } catch {
      continue; // a dangling link, or not ours to look at
    }
    if (!FS.analyzePath(folder).exists) FS.mkdir(folder);
    FS.mount(type, { root: folder }, folder);
  }
  FS.chdir(process.cwd());
}
