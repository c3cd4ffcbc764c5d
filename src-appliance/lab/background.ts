import type { Random } from './random.ts';
import type { SyslogEntry, SyslogFile } from './syslogFile.ts';

const jobs = [
  '(root) CMD (cd / && run-parts --report /etc/cron.hourly)',
  '(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)',
  '(ke) CMD (ke_status --json > /run/ke/status.json)',
] as const;
const requests = [
  'GET /v1/accounts/me/storage/folders/root/contents HTTP/1.1" 200',
  'GET /v1/accounts/me/storage/files/changes HTTP/1.1" 200',
  'POST /v1/accounts/me/storage/search HTTP/1.1" 200',
  'GET /health HTTP/1.1" 200',
  'GET /v1/accounts HTTP/1.1" 401',
] as const;

/** Creates a log line of a program other than sshd: cron, the web server, a worker or systemd. */
function backgroundLine(random: Random): SyslogEntry {
  const chance = random.next();
  if (chance < 0.08)
    return { program: 'CRON', pid: random.between(9000, 32_000), message: random.pick(jobs) };
  if (chance < 0.6)
    return {
      program: 'nginx',
      severity: 'info',
      message: `10.20.${random.between(0, 3)}.${random.between(2, 250)} - - "${random.pick(requests)} ${random.between(180, 24_000)}`,
    };
  if (chance < 0.86)
    return {
      program: 'ke_worker',
      pid: random.between(800, 830),
      message: `job ${random.between(100_000, 999_999)} ${random.pick(['events.collect', 'files.index', 'webhooks.send'])} done in ${random.between(8, 900)} ms`,
    };
  if (chance < 0.93)
    return {
      program: 'ke_metrics',
      pid: 790,
      structured: true,
      severity: 'info',
      message: `queue=${random.between(0, 40)} workers=8 events_per_second=${random.between(20, 90)}`,
    };
  if (chance < 0.97)
    return {
      program: 'ke_worker',
      pid: random.between(800, 830),
      severity: 'warning',
      message: `warning: retry ${random.between(1, 3)} of webhooks.send after ${random.between(2, 20)} s: timed out`,
    };
  return {
    program: 'systemd',
    pid: 1,
    message: random.pick(['Started logrotate.service.', 'Finished ke-events-compact.service.']),
  };
}

const historyMs = 20 * 60 * 1000;

/** Writes lines for the minutes before the start, so that the log is not empty. */
export function writeHistory(options: { syslog: SyslogFile; random: Random; now: number }): void {
  const { syslog, random, now } = options;
  for (let at = now - historyMs; at < now - 1000; at += random.between(600, 4500))
    syslog.write({ ...backgroundLine(random), at });
}

/** Writes one or two lines per second until the returned function is called. */
export function startBackground(options: { syslog: SyslogFile; random: Random }): () => void {
  const { syslog, random } = options;
  let timer: NodeJS.Timeout;
  const tick = (): void => {
    syslog.write(backgroundLine(random));
    timer = setTimeout(tick, random.between(300, 1100));
  };
  timer = setTimeout(tick, 100);
  return () => clearTimeout(timer);
}
