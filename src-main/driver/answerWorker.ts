import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { decodeOutput } from '../ssh/session/decodeOutput.ts';
import { answerKindSchema, readAnswer } from './answers.ts';

/** Entry of the thread that parses large answers. `answerReader.ts` starts it and sends one output at a time. */
const requestSchema = z.object({
  kind: answerKindSchema,
  output: z.union([z.string(), z.instanceof(Uint8Array)]),
});

parentPort?.on('message', (message) => {
  const { kind, output } = requestSchema.parse(message);
  const reading = readAnswer(kind, decodeOutput(output));
  // Sends JSON, because it is faster to receive than a cloned object. It contains only fields of the schema.
  parentPort?.postMessage('value' in reading ? { json: JSON.stringify(reading.value) } : reading, []);
});
parentPort?.postMessage('ready', []);
