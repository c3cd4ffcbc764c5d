import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { answerKindSchema, readAnswer } from './answers.ts';

/** Entry of the thread that reads large answers; `answerReader.ts` starts it and sends one text at a time. */
const requestSchema = z.object({ kind: answerKindSchema, text: z.string() });

parentPort?.on('message', (message) => {
  const { kind, text } = requestSchema.parse(message);
  const reading = readAnswer(kind, text);
  // As JSON: the main thread reads that faster than a cloned object, and it holds only what the schema knows.
  parentPort?.postMessage('value' in reading ? { json: JSON.stringify(reading.value) } : reading, []);
});
parentPort?.postMessage('ready', []);
