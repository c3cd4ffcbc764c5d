import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from './log.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-log-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['answers', 'password', 'passphrase', 'privateKey', 'token'])(
  'never logs the value of %s at any depth',
  async (name) => {
    const file = join(folder, name);
    const log = createLog({ level: 'trace', file });
    const secret = { [name]: 'SECRET' };
    log.trace(secret, 'said');
    log.info({ outcome: secret }, 'said');
    log.info({ outcomes: [secret] }, 'said');
    log.error(
      { err: Object.assign(new Error('failed'), { detail: { outcome: secret }, ...secret }) },
      'said',
    );
    log.child({ outcome: secret }).warn('said');
    const text = await readFile(file, 'utf8');
    expect(text.match(/"said"/gu)).toHaveLength(5);
    expect(text.match(/\[secret\]/gu)).toHaveLength(6);
    expect(text).not.toContain('SECRET');
  },
);
