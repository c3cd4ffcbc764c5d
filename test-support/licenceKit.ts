import { z } from 'zod';
import { licenceRequestSchema, type LicenceRequest } from '../src-shared/model/licence/licenceRequest.ts';
import type { LicencePayload } from '../src-shared/model/licence/licence.ts';
import {
  importOutputSchema,
  requestOutputSchema,
  type ImportOutput,
} from '../src-shared/model/licence/licenceCommands.ts';
import { readDocument } from '../src-shared/model/licence/signedDocument.ts';
import { startKitAppliance } from './kitAppliance.ts';
import { addAuthority } from './licenceSupply.ts';

const program = 'ke_manage_license_key';

/** The payload of a request of the appliance. Its signature is not checked. */
export function readRequest(document: string): LicenceRequest {
  const read = readDocument(document, 'request');
  if ('problem' in read) throw new Error(read.reason);
  return licenceRequestSchema.parse(read.payload);
}

/** An appliance with a licence authority, whose commands take and print the documents of a renewal. */
export async function startLicenceKit(options: Parameters<typeof startKitAppliance>[0] = {}) {
  const kit = await startKitAppliance(options);
  const sign = await addAuthority(kit.config);
  const run = async <T>(argv: readonly string[], schema: z.ZodType<T>, stdin = '') => {
    const ended = await kit.ke([program, ...argv, '--json'], stdin);
    return { ...ended, output: schema.parse(JSON.parse(ended.stdout)) };
  };
  const request = async () => (await run(['request'], requestOutputSchema)).output;
  /** Signs a licence that answers the open request, which it makes. */
  const answer = async (changes: Partial<LicencePayload> = {}) => {
    const { id, nonce } = readRequest((await request()).request);
    return sign({ request: { id, nonce }, ...changes });
  };
  const importText = async (
    text: string,
    ...flags: string[]
  ): Promise<{ exitCode: number; stderr: string; output: ImportOutput }> =>
    run(['import', ...flags], importOutputSchema, text);
  return {
    ...kit,
    sign,
    run,
    request,
    answer,
    importText,
    /** Renews the licence as an administrator does: request, answer, import. */
    renew: async (changes: Partial<LicencePayload> = {}) => importText(await answer(changes)),
  };
}
export type LicenceKit = Awaited<ReturnType<typeof startLicenceKit>>;
