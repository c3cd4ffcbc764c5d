import { readFileSync } from 'node:fs';
import { findLockFaults } from './lockFile.ts';

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

const faults = findLockFaults(read('package-lock.json'), read('package.json'));
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
