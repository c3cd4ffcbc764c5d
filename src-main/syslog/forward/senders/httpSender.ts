import { z } from 'zod';
import { shorten, visibleLine } from '../../../../src-shared/base/machineText.ts';
import type { Destination } from '../../../../src-shared/model/syslog/forward/destination.ts';
import { buildLokiPush } from '../../../../src-shared/model/syslog/forward/loki.ts';
import { buildOtlpLogs } from '../../../../src-shared/model/syslog/forward/otlp.ts';
import { programVersion } from '../../../base/programVersion.ts';
import { nothingRefused, type LogSender, type RefusedLines } from '../sender.ts';
import { destinationError } from './connection.ts';
import { checkStatus, createPoster } from './httpPoster.ts';
import { receiverOf } from './receiverOf.ts';

const partialSchema = z.object({
  partialSuccess: z.object({
    rejectedLogRecords: z.coerce.number().int().nonnegative().default(0),
    errorMessage: z.string().default(''),
  }),
});

/** What an OTLP receiver refused of a batch that it took otherwise. */
function readPartialSuccess(body: string): RefusedLines {
  let answer: unknown;
  try {
    answer = JSON.parse(body === '' ? '{}' : body);
  } catch {
    return nothingRefused;
  }
  const partial = partialSchema.safeParse(answer).data?.partialSuccess;
  if (partial === undefined) return nothingRefused;
  return { count: partial.rejectedLogRecords, reason: shorten(visibleLine(partial.errorMessage), 200) };
}

const headersOf = ({ lokiTenant }: Destination): Record<string, string> =>
  lokiTenant === null ? {} : { 'x-scope-orgid': lokiTenant };

/** Sends batches of lines to an HTTP endpoint as JSON: to OTLP's logs endpoint or to Loki's push endpoint. */
export function createHttpSender(destination: Destination): LogSender {
  const { name, address, files } = receiverOf(destination);
  const poster = createPoster(files);

  return {
    send: async (lines) => {
      const isLoki = destination.kind === 'loki';
      const body = isLoki ? buildLokiPush(lines) : buildOtlpLogs(lines, programVersion);
      try {
        const answer = await poster.post(address, JSON.stringify(body), headersOf(destination));
        checkStatus(name, answer);
        return isLoki ? nothingRefused : readPartialSuccess(answer.text);
      } catch (thrown) {
        throw destinationError(name, thrown);
      }
    },
    close: poster.close,
  };
}
