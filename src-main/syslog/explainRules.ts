import { join } from 'node:path';
import { decodeText } from '../../src-shared/base/textEncoding.ts';
import type { OwnExplainRules } from '../../src-shared/contract/logs.ts';
import { maxRulesBytes, parseExplainRules } from '../../src-shared/model/syslog/explain/parseExplainRules.ts';
import { readBounded } from '../../src-shared/node/files.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';

const refuse = (message: string) => ({ rules: [], problems: [{ line: 1, message }] });

function readRules(path: string): Omit<OwnExplainRules, 'path'> {
  try {
    const file = readBounded(path, { maxBytes: maxRulesBytes });
    if (file === 'not-a-file') return refuse('The file is not a regular file.');
    if (file === 'too-large') return refuse(`The file is larger than ${maxRulesBytes / 1024} KiB.`);
    return parseExplainRules(decodeText(file.content));
  } catch (thrown) {
    const code = systemErrorCode(thrown);
    if (code === 'ENOENT') return { rules: [], problems: [] };
    return refuse(`The file can’t be read (${code ?? 'unknown reason'}).`);
  }
}

/** Reads the operator's own rules that explain log lines, from `log-rules.yaml` in the data folder. Never throws. */
export function readExplainRules(dataFolder: string): OwnExplainRules {
  const path = join(dataFolder, 'log-rules.yaml');
  return { path, ...readRules(path) };
}
