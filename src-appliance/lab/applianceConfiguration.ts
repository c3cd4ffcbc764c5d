import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from './random.ts';

function secret(random: Random): string {
  return Array.from({ length: 8 }, () => random.between(0, 0xffff).toString(16).padStart(4, '0')).join('');
}

/** Writes the `/data/kloudless.yml` of an appliance of the lab, with secrets of its own. */
export async function writeConfiguration(path: string, name: string, random: Random): Promise<void> {
  const text = `# ${name}, an appliance of the lab. Restart the services after a change.
hostname: ${name}.example
ssl:
  is_configured: true
db:
  name: platform
  user: platform
  password: ${secret(random)}
  host: db.${name}.example
  port: 5433
redis:
  host: redis.${name}.example
  password: ${secret(random)}
api:
  secret_key: ${secret(random)}
  aes_key: ${secret(random)}
devs:
  secret_key: ${secret(random)}
`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o600 });
}
