import type { ApplianceEntry, ApplianceInput } from '../src-shared/model/appliance/applianceEntry.ts';

const authentication = { agent: true, keyFile: null, password: false, keyboardInteractive: false };

/** Returns the input of an appliance, for tests that do not log in. */
export function anInput(name: string, changes: Partial<ApplianceInput> = {}): ApplianceInput {
  return {
    name,
    target: { host: name, port: 22, user: 'ubuntu', authentication },
    jumps: [],
    sudo: 'none',
    legacyAlgorithms: false,
    connect: 'always',
    group: '',
    cluster: '',
    description: '',
    tags: [],
    colour: 'none',
    ...changes,
  };
}

export function anEntry(name: string): ApplianceEntry {
  return {
    ...anInput(name),
    id: '6b8d9a4e-7c1f-4a62-9d3b-5e0f1c2a3b4c',
    locked: false,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}
