import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { measureJson } from '../../../src-shared/base/measureJson.ts';
import { AppError, toErrorData } from '../../../src-shared/errors.ts';
import {
  authorityPaths,
  licencePingSchema,
  maxSentReportBytes,
} from '../../../src-shared/model/licence/authorityApi.ts';
import { documentTypes, maxDocumentBytes } from '../../../src-shared/model/licence/documents.ts';
import type { Answer } from '../store/answers.ts';
import type { ApplianceRecord } from '../store/appliances.ts';
import type { Authority } from '../store/authority.ts';
import { answerPage, errorPage, formPage, readForm, receiptPage } from './page.ts';
import { errorReply, type Reply } from './reply.ts';

type Call = { authority: Authority; body: Buffer; contentType: string; headers: IncomingHttpHeaders };
export type Route = {
  /** Longer bodies are refused unread. */
  maxBytes: number;
  /** Who sends a large body. Throws if the request is refused before its body is read. */
  admit?: (call: Pick<Call, 'authority' | 'headers'>) => ApplianceRecord;
  run: (call: Call) => Promise<Reply> | Reply;
  /** How an error is shown. */
  fail: (thrown: unknown, status?: number) => Reply;
};

const jsonBounds = { maxDepth: 8, maxValues: 4_000 };
const pingBytes = 4 * 1024;
/** A form has the request at most twice and little else. */
const formBytes = 3 * maxDocumentBytes;
const noContent: Reply = { status: 204, body: '', headers: {} };

/** Throws INVALID_INPUT. The value itself is not quoted. */
function parseBody<Value>(body: Buffer, schema: z.ZodType<Value>): Value {
  const text = body.toString('utf8');
  const { depth, values } = measureJson(text, jsonBounds);
  let json: unknown;
  try {
    if (depth > jsonBounds.maxDepth || values > jsonBounds.maxValues) throw new Error('too deep or too long');
    json = JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The body is not JSON.', { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new AppError(
    'INVALID_INPUT',
    `The body has an unexpected field or value${field === '' ? '' : ` at ${field}`}.`,
  );
}

/** The appliance whose licence key is the bearer of the request. Throws NOT_PERMITTED or NOT_FOUND. */
function findSender({ authority, headers }: Pick<Call, 'authority' | 'headers'>): ApplianceRecord {
  const key = /^Bearer ([!-~]{1,128})$/u.exec(headers.authorization ?? '')?.[1];
  if (key === undefined) throw new AppError('NOT_PERMITTED', 'The request has no licence key.');
  return authority.usage.findByKey(key);
}

export const failJson: Route['fail'] = (thrown, status) => errorReply(toErrorData(thrown), status);
const failPage: Route['fail'] = (thrown, status) => errorPage(toErrorData(thrown), status);

function licenceReply(document: string, headers: Record<string, string> = {}): Reply {
  return { status: 200, body: document, headers: { 'Content-Type': documentTypes.licence, ...headers } };
}

/** Begins like the console's request file, e.g. `quay-01-0007.licence.jws`, so that a fleet's answers differ. */
function fileNameOf({ appliance, request }: Answer): string {
  const name = appliance.name.replaceAll(/[^\w.-]+/gu, '-');
  return `${name}-${String(request.number).padStart(4, '0')}.licence.jws`;
}

/** Every path, with its methods. HEAD is answered like GET. */
export const routes: Readonly<Record<string, { GET?: Route; POST?: Route }>> = {
  '/': {
    GET: { maxBytes: 0, run: formPage, fail: failPage },
    POST: {
      maxBytes: formBytes,
      run: async ({ authority, body, contentType }) => {
        const { type, text } = await readForm(body, contentType);
        if (type === 'request') return answerPage(await authority.answers.answer(text), text);
        const { appliance, receipt } = await authority.reports.recordReceipt(text);
        return receiptPage(appliance.name, receipt);
      },
      fail: failPage,
    },
  },
  '/licence': {
    POST: {
      maxBytes: formBytes,
      run: async ({ authority, body, contentType }) => {
        const { text } = await readForm(body, contentType);
        const answer = await authority.answers.answer(text);
        return licenceReply(`${answer.document}\n`, {
          'Content-Disposition': `attachment; filename="${fileNameOf(answer)}"`,
        });
      },
      fail: failPage,
    },
  },
  [authorityPaths.keys]: {
    GET: {
      maxBytes: 0,
      run: ({ authority }) => ({
        status: 200,
        body: `${JSON.stringify(authority.keys.exportSet())}\n`,
        headers: { 'Content-Type': 'application/jwk-set+json' },
      }),
      fail: failJson,
    },
  },
  [authorityPaths.ping]: {
    POST: {
      maxBytes: pingBytes,
      run: ({ authority, body }) => {
        authority.reports.recordPing(parseBody(body, licencePingSchema));
        return noContent;
      },
      fail: failJson,
    },
  },
  [authorityPaths.licence]: {
    POST: {
      maxBytes: maxDocumentBytes,
      run: async ({ authority, body }) =>
        licenceReply((await authority.answers.answer(body.toString('utf8'))).document),
      fail: failJson,
    },
  },
  [authorityPaths.usage]: {
    POST: {
      maxBytes: maxSentReportBytes,
      admit: findSender,
      run: async ({ authority, body, headers }) => {
        await authority.usage.recordReport(findSender({ authority, headers }), body);
        return noContent;
      },
      fail: failJson,
    },
  },
  [authorityPaths.usageStatement]: {
    POST: {
      maxBytes: maxSentReportBytes,
      admit: findSender,
      run: async ({ authority, body, headers }) => ({
        status: 200,
        body: (await authority.usage.recordStatement(body, findSender({ authority, headers })))
          .acknowledgement,
        headers: { 'Content-Type': documentTypes.acknowledgement },
      }),
      fail: failJson,
    },
  },
  [authorityPaths.receipt]: {
    POST: {
      maxBytes: maxDocumentBytes,
      run: async ({ authority, body }) => {
        await authority.reports.recordReceipt(body.toString('utf8'));
        return noContent;
      },
      fail: failJson,
    },
  },
};
