import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian packages that the tests need, each with a file that shows that it is installed. */
const needed = [
  { package: 'openssh-server', files: ['/usr/sbin/sshd'] },
  { package: 'openssh-client', files: ['/usr/bin/ssh', '/usr/bin/ssh-agent', '/usr/bin/ssh-keygen'] },
  { package: 'rsyslog', files: ['/usr/sbin/rsyslogd'] },
  { package: 'bsdutils', files: ['/usr/bin/logger'] },
  { package: 'util-linux', files: ['/usr/bin/flock', '/usr/bin/unshare', '/usr/bin/nsenter'] },
  { package: 'systemd', files: ['/usr/bin/systemd-analyze', '/usr/bin/systemd-sysusers'] },
  { package: 'rsyslog-gnutls', files: ['/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so'] },
  { package: 'rsyslog-relp', files: ['/usr/lib/x86_64-linux-gnu/rsyslog/imrelp.so'] },
  { package: 'logrotate', files: ['/usr/sbin/logrotate'] },
  { package: 'e2fsprogs', files: ['/usr/sbin/mkfs.ext4'] },
  { package: 'xfsprogs', files: ['/usr/sbin/mkfs.xfs'] },
  { package: 'libfaketime', files: ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'] },
  { package: 'procps', files: ['/usr/bin/pgrep', '/usr/bin/pkill'] },
  { package: 'passwd', files: ['/usr/sbin/useradd'] },
  { package: 'openssl', files: ['/usr/bin/openssl'] },
  { package: 'curl', files: ['/usr/bin/curl'] },
  { package: 'gcc', files: ['/usr/bin/x86_64-linux-gnu-gcc'] },
  { package: 'gcc-aarch64-linux-gnu', files: ['/usr/bin/aarch64-linux-gnu-gcc'] },
  { package: 'qemu-user-static', files: ['/usr/bin/qemu-aarch64-static'] },
  { package: 'sudo', files: ['/usr/bin/sudo'] },
  { package: 'perl-base', files: ['/usr/bin/perl'] },
  { package: 'samba', files: ['/usr/sbin/smbd'] },
  { package: 'nginx-light', files: ['/usr/sbin/nginx'] },
  { package: 'iproute2', files: ['/usr/sbin/ip'] },
  { package: 'iptables', files: ['/usr/sbin/iptables'] },
  { package: 'tcpdump', files: ['/usr/bin/tcpdump'] },
  { package: 'nftables', files: ['/usr/sbin/nft'] },
  { package: 'buildah', files: ['/usr/bin/buildah'] },
  { package: 'uidmap', files: ['/usr/bin/newuidmap'] },
  { package: 'dropbear-bin', files: ['/usr/sbin/dropbear', '/usr/bin/dropbearkey'] },
  { package: 'autossh', files: ['/usr/bin/autossh'] },
  { package: 'postgresql', files: ['/usr/bin/psql', '/usr/share/postgresql-common/pg_wrapper'] },
  { package: 'lintian', files: ['/usr/bin/lintian'] },
  { package: 'apt', files: ['/usr/bin/apt-get'] },
  { package: 'rpm', files: ['/usr/bin/rpm', '/usr/bin/rpmbuild'] },
  { package: 'zsh', files: ['/usr/bin/zsh'] },
  { package: 'fish', files: ['/usr/bin/fish'] },
  { package: 'chromium', files: ['/usr/bin/chromium'] },
];

function missingPackages(): string[] {
  return needed
    .filter((entry) => !entry.files.every((file) => existsSync(file)))
    .map((entry) => entry.package);
}

const isRoot = process.getuid?.() === 0;

/** The command prefix for root: empty, `sudo -n`, or null if root is not available. */
export function rootPrefix(): string[] | null {
  if (isRoot) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n', '-E'] : null;
}

/**
 * Installs the packages that the tests need. If that would need a password, throws an error that lists the
 * missing packages.
 */
export function ensureSystemPackages(): void {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const prefix = rootPrefix();
  if (!existsSync('/usr/bin/apt-get') || prefix === null) {
    throw new Error(`The tests need these Debian packages, and only root can install them: ${names}`);
  }
  console.log(`Installing Debian packages: ${names}`);
  const apt = (...args: string[]) => {
    const [program = '', ...rest] = [
      ...prefix,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      // Package installation starts no daemon; the tests start what they need.
      'RUNLEVEL=1',
      'apt-get',
      '-qq',
      ...args,
    ];
    return spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status;
  };
  apt('update');
  if (
    apt('install', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...missing) !== 0
  ) {
    throw new Error(`apt-get could not install: ${names}`);
  }
  const still = missingPackages();
  if (still.length > 0) throw new Error(`Still missing after installing: ${still.join(' ')}`);
}
