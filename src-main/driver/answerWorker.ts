import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { answerKindSchema, readAnswer } from './answers.ts';

/** Entry of the thread that parses large answers. `answerReader.ts` starts it and sends one text at a time. */
const requestSchema = z.object({ kind: answerKindSchema, text: z.string() });

parentPort?.on('message', (message) => {
  const { kind, text } = requestSchema.parse(message);
  const reading = readAnswer(kind, text);
  // Sends JSON, because it is faster to receive than a cloned object. It contains only fields of the schema.
  parentPort?.postMessage('value' in reading ? { json: JSON.stringify(reading.value) } : reading, []);
});
parentPort?.postMessage('ready', []);
