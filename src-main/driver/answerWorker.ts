import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { answerKindSchema, readAnswer } from './answers.ts';

/** Entry of the thread that parses large answers. `answerReader.ts` starts it and sends one text at a time. */
const requestSchema = z.object({ kind: answerKindSchema, text: z.string() });

parentPort?.on('message', (message) => {
  const { kind, text } = requestSchema.parse(message);
  const reading = readAnswer(kind, text);
  // JSON is faster to receive than a cloned object, and holds only fields of the schema.
  parentPort?.postMessage('value' in reading ? { json: JSON.stringify(reading.value) } : reading, []);
});
parentPort?.postMessage('ready', []);
