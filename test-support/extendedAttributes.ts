import { execFileSync } from 'node:child_process';

/*
 * Extended attributes of a file. Node has no call for them, and setfacl(1) is not on every system; Perl is on every Debian.
 */

/** The numbers of setxattr(2) and getxattr(2), by architecture. */
const calls: Record<string, { set: number; get: number }> = {
  x64: { set: 188, get: 191 },
  arm64: { set: 5, get: 8 },
};
const numbers = calls[process.arch];

/** The command that sets an attribute to bytes in hexadecimal. It fails if the file system has none. */
export function attributeArgv(path: string, name: string, hex: string): string[] {
  const script =
    'my ($n, $p, $a, $h) = @ARGV; my $v = pack("H*", $h); exit(syscall($n + 0, $p, $a, $v, length($v), 0) == 0 ? 0 : 1)';
  return ['perl', '-e', script, `${numbers?.set ?? 0}`, path, name, hex];
}

/** Throws if the file system has no attributes. */
export function setAttribute(path: string, name: string, hex: string): void {
  const [program = '', ...argv] = attributeArgv(path, name, hex);
  execFileSync(program, argv);
}

/** The bytes of an attribute in hexadecimal, empty without it. */
export function readAttribute(path: string, name: string): string {
  const script =
    'my ($n, $p, $a) = @ARGV; my $v = "\\0" x 4096; my $l = syscall($n + 0, $p, $a, $v, 4096); print unpack("H*", substr($v, 0, $l > 0 ? $l : 0))';
  const argv = ['-e', script, `${numbers?.get ?? 0}`, path, name];
  return execFileSync('perl', argv, { encoding: 'utf8' });
}

/** An access ACL that lets one more user read: `user::rw-,user:UID:r--,group::r--,mask::r--,other::---`. */
export function aclFor(uid: number): string {
  const entries = [
    [0x01, 6, -1],
    [0x02, 4, uid],
    [0x04, 4, -1],
    [0x10, 4, -1],
    [0x20, 0, -1],
  ] as const;
  const bytes = Buffer.alloc(4 + entries.length * 8);
  bytes.writeUInt32LE(2);
  for (const [index, [tag, permissions, id]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 4 + index * 8);
    bytes.writeUInt16LE(permissions, 6 + index * 8);
    bytes.writeInt32LE(id, 8 + index * 8);
  }
  return bytes.toString('hex');
}
