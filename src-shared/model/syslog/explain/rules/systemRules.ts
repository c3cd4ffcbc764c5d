import type { ExplainRule } from '../explainRule.ts';

const programs = ['rsyslogd'];
const every = ['*'];

/** What rsyslog 8.2302 and the system log. */
export const systemRules: ExplainRule[] = [
  {
    id: 'rsyslog-rate-limit',
    programs: [...programs, 'systemd-journald'],
    match: String.raw`begin to drop messages due to rate-limiting|(?<count>\d+) messages lost due to rate-limiting|Suppressed (?<suppressed>\d+) messages from`,
    title: 'Lines are missing: rate limit',
    meaning:
      'A program wrote more lines than the log allows in a time, so rsyslog or the journal dropped some for good.',
    next: 'Find what the program repeats. Raise SysSock.RateLimit.Burst of imuxsock or RateLimitBurst of journald if you need all lines.',
    example: 'imuxsock[pid 812]: 1337 messages lost due to rate-limiting (500 allowed within 5 seconds)',
  },
  {
    id: 'rsyslog-suspended',
    programs,
    match: String.raw`^action '(?<action>[^']+)' suspended`,
    title: 'An output of the log is stopped',
    meaning: 'rsyslog can’t write to {action}, and waits before it tries again.',
    next: 'The line before names the reason, such as a receiver that is down. Lines are lost if the action has no queue on disk.',
    example:
      "action 'action-1-builtin:omfwd' suspended (module 'builtin:omfwd'), retry 0. There should be messages before this one giving the reason for suspension. [v8.2302.0 try https://www.rsyslog.com/e/2007 ]",
  },
  {
    id: 'rsyslog-resumed',
    programs,
    match: String.raw`^action '(?<action>[^']+)' resumed`,
    title: 'An output of the log works again',
    meaning: 'rsyslog writes to {action} again.',
    next: 'Check with the receiver whether lines of the time between are missing.',
    example:
      "action 'action-1-builtin:omfwd' resumed (module 'builtin:omfwd') [v8.2302.0 try https://www.rsyslog.com/e/2359 ]",
  },
  {
    id: 'rsyslog-message-lost',
    programs,
    match: String.raw`message lost, could not be processed|queue nearly full .* discarded`,
    title: 'A line was lost',
    meaning: 'rsyslog gave up a line that an output could not take.',
    next: 'Look for the error before it. Give the action a queue on disk (queue.type, queue.filename).',
    example:
      "action 'action-0-builtin:omfile' (module 'builtin:omfile') message lost, could not be processed. Check for additional error messages before this one. [v8.2302.0 try https://www.rsyslog.com/e/2218 ]",
  },
  {
    id: 'rsyslog-file-error',
    programs,
    match: String.raw`^file '(?<path>[^']+)'(?:\[\d+\])?:? (?:open|write) error`,
    title: 'The log file can’t be written',
    meaning: 'rsyslog can’t write {path}, so lines for this file are lost.',
    next: 'Check the space on the disk (df -h) and the owner of the file: syslog:adm on Debian and Ubuntu.',
    example:
      "file '/var/log/syslog'[9] write error - see https://www.rsyslog.com/solving-rsyslog-write-errors/ for help OS error: No space left on device [v8.2302.0 try https://www.rsyslog.com/e/2027 ]",
  },
  {
    id: 'rsyslog-huped',
    programs,
    match: String.raw`rsyslogd was HUPed`,
    title: 'The log was rotated',
    meaning: 'logrotate asked rsyslog to open new files.',
    next: 'Nothing to do.',
    example:
      '[origin software="rsyslogd" swVersion="8.2302.0" x-pid="512" x-info="https://www.rsyslog.com"] rsyslogd was HUPed',
  },
  {
    id: 'rsyslog-exiting',
    programs,
    match: String.raw`exiting on signal (?<signal>\d+)`,
    title: 'The log was stopped',
    meaning: 'rsyslog ended on signal {signal}. Nothing is logged until it starts again.',
    next: 'If it does not start within a minute, run: service rsyslog start.',
    example:
      '[origin software="rsyslogd" swVersion="8.2302.0" x-pid="512" x-info="https://www.rsyslog.com"] exiting on signal 15.',
  },
  {
    id: 'rsyslog-started',
    programs,
    match: String.raw`\[origin software="rsyslogd" .*\] start$`,
    title: 'The log was started',
    meaning: 'rsyslog started, with the machine or after an update.',
    next: 'Nothing to do.',
    example:
      '[origin software="rsyslogd" swVersion="8.2302.0" x-pid="512" x-info="https://www.rsyslog.com"] start',
  },
  {
    id: 'system-disk-full',
    programs: every,
    match: String.raw`No space left on device|ENOSPC`,
    title: 'The disk is full',
    meaning: 'A program could not write because a file system is full.',
    next: 'Find it with df -h and df -i, then make room. Changes of tenants fail until then.',
    example: 'write failed: No space left on device',
  },
  {
    id: 'system-out-of-memory',
    programs: ['kernel'],
    match: String.raw`Out of memory: Killed process (?<pid>\d+) \((?<name>[^)]+)\)`,
    title: 'Out of memory',
    meaning: 'The kernel killed {name} (process {pid}) because memory was exhausted.',
    next: 'Look at what used it: the lines before list processes. Add memory or limit the program.',
    example:
      '[81234.5] Out of memory: Killed process 812 (node) total-vm:4194304kB, anon-rss:2097152kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:8192kB oom_score_adj:0',
  },
  {
    id: 'system-disk-error',
    programs: ['kernel'],
    match: String.raw`I/O error, dev (?<device>\w+)|EXT4-fs error \(device (?<volume>[\w-]+)\)|Remounting filesystem read-only`,
    title: 'The disk has errors',
    meaning: 'The kernel could not read or write a disk.',
    next: 'Save the data first. Check the disk with smartctl -a, or ask who runs the virtual machine’s storage.',
    example: 'blk_update_request: I/O error, dev sda, sector 1234567 op 0x1:(WRITE)',
  },
  {
    id: 'system-syn-flood',
    programs: ['kernel'],
    match: String.raw`Possible SYN flooding on port (?:\S*:)?(?<port>\d+)`,
    title: 'Too many connections at once',
    meaning: 'More connections to port {port} arrived than were taken.',
    next: 'After an outage many sites reconnect together, which passes. Otherwise look for a scan.',
    example:
      'TCP: request_sock_TCP: Possible SYN flooding on port 22. Sending cookies.  Check SNMP counters.',
  },
  {
    id: 'system-conntrack-full',
    programs: ['kernel'],
    match: String.raw`nf_conntrack: table full, dropping packet`,
    title: 'The firewall’s table is full',
    meaning: 'The kernel drops packets because it tracks too many connections. Tunnels stall and break.',
    next: 'Raise net.netfilter.nf_conntrack_max, and find who opens so many connections: conntrack -L.',
    example: 'nf_conntrack: nf_conntrack: table full, dropping packet',
  },
  {
    id: 'system-service-failed',
    programs: ['systemd'],
    match: String.raw`^(?<unit>\S+): (?:Failed with result '(?<result>[^']+)'|Start request repeated too quickly)`,
    title: 'A service failed',
    meaning: '{unit} ended with a fault, and systemd may not start it again.',
    next: 'See why: systemctl status {unit} and journalctl -u {unit}.',
    example: "ssh.service: Failed with result 'exit-code'.",
  },
  {
    id: 'sudo-refused',
    programs: ['sudo'],
    match: String.raw`^ *(?<user>\S+) : (?:command not allowed|user NOT in sudoers|\d+ incorrect password attempts?|a password is required)`,
    title: 'sudo refused a command',
    meaning: '{user} may not run this command with sudo, or entered no valid password.',
    next: 'Compare the sudo setting of the appliance in the console with /etc/sudoers.d.',
    example:
      'ubuntu : command not allowed ; TTY=pts/0 ; PWD=/home/ubuntu ; USER=root ; COMMAND=/usr/bin/ke_status --json',
  },
  {
    id: 'time-no-server',
    programs: ['systemd-timesyncd'],
    match: String.raw`Timed out waiting for reply from (?<server>\S+)`,
    title: 'No time server answers',
    meaning: 'The appliance got no time from {server}, so its clock may drift.',
    next: 'In a closed network set a time server of your own in /etc/systemd/timesyncd.conf. Licences need a right clock.',
    example: 'Timed out waiting for reply from 185.125.190.57:123 (ntp.ubuntu.com).',
  },
];
