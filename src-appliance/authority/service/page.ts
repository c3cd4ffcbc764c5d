import { createHash } from 'node:crypto';
import { formatInstant } from '../../../src-shared/base/time.ts';
import { AppError, type ErrorData } from '../../../src-shared/errors.ts';
import { decodeText } from '../../../src-shared/base/textEncoding.ts';
import type { LicenceReceipt } from '../../../src-shared/model/licence/licenceRequest.ts';
import { findCarriedDocument, type CarriedDocument } from '../carriedDocument.ts';
import {
  describeLicence,
  describeReceipt,
  describeRequest,
  warningsOf,
  type Fact,
} from '../describeAnswer.ts';
import type { Answer } from '../store/answers.ts';
import { qrPicture } from './qrPicture.ts';
import { statusOf, type Reply } from './reply.ts';

const style = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44em; margin: 0 auto; padding: 24px; }
h1 { font-size: 24px; } h2 { font-size: 18px; margin-top: 32px; }
label { display: block; font-weight: 600; margin: 16px 0 4px; }
svg.code { display: block; width: min(100%, 420px); background: #fff; }
textarea { box-sizing: border-box; width: 100%; font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
button { font: inherit; font-weight: 600; padding: 6px 16px; margin: 16px 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
.note, .error { border-left: 4px solid; padding: 4px 12px; }
.note { border-color: #b7791f; } .error { border-color: #c53030; }
@media (max-width: 32em) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 8px; } }`;

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style, 'utf8').digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/gu, (character) => entities[character] ?? '');

function pageReply(status: number, title: string, body: string): Reply {
  return {
    status,
    body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main>
${body}
</main></body>
</html>
`,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy },
  };
}

const form = `<form method="post" action="/" enctype="multipart/form-data">
<label for="file">Request or receipt file</label>
<input id="file" name="file" type="file">
<label for="text">Or its text</label>
<textarea id="text" name="text" rows="6" spellcheck="false" autocomplete="off"></textarea>
<div><button>Send</button></div>
</form>`;

const another = '<p><a href="/">Send another request or receipt</a></p>';

function factList(facts: readonly Fact[]): string {
  const rows = facts.map(({ label, text }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd>`);
  return `<dl>${rows.join('\n')}</dl>`;
}

/** The page on which a person uploads or pastes a request or a receipt. */
export function formPage(): Reply {
  return pageReply(
    200,
    'Licence authority',
    `<h1>Renew a licence</h1>
<p>Choose the request file that you carried from the appliance, or paste its text. You get a licence to carry back.
When the appliance has it, send its receipt here too.</p>
${form}`,
  );
}

/** The form with the reason why the last document was refused. */
export function errorPage(error: ErrorData, status = statusOf(error)): Reply {
  return pageReply(
    status,
    'Refused',
    `<h1>Refused</h1>
<p class="error" role="alert">${escapeHtml(error.message)} Nothing was issued or recorded. <code>${error.code}</code></p>
${form}`,
  );
}

/** The licence for the camera of a console. */
function codeOf(document: string): string {
  const picture = qrPicture(document, 'QR code of the licence');
  return picture === null
    ? '<p>The licence is too long for a QR code.</p>'
    : `<p>The console reads this code with its camera, also from a phone’s picture if it does not move.</p>\n${picture}`;
}

/** What the request asks, what the licence grants, and the licence as a download, as text and as a QR code. */
export function answerPage(answer: Answer, requestText: string): Reply {
  const { appliance, licence, request, document, previous } = answer;
  const notes = warningsOf(answer).map((warning) => `<p class="note">${escapeHtml(warning)}</p>`);
  return pageReply(
    200,
    'Licence issued',
    `<h1>Licence ${licence.sequence} for ${escapeHtml(appliance.name)}</h1>
<p>It is valid until ${formatInstant(licence.expiresAt)} and answers request ${request.number}. Carry it back to the appliance.</p>
${notes.join('\n')}
<form method="post" action="/licence" enctype="multipart/form-data">
<input type="hidden" name="text" value="${escapeHtml(requestText)}">
<button>Download the licence</button>
</form>
<label for="licence">The licence as text</label>
<textarea id="licence" rows="8" readonly spellcheck="false">${escapeHtml(document)}</textarea>
<h2>The licence as a QR code</h2>
${codeOf(document)}
<h2>The request</h2>
${factList(describeRequest(request))}
<h2>The licence</h2>
${factList(describeLicence(licence, previous))}
${another}`,
  );
}

/** Says that the receipt arrived. The renewal ends with it. */
export function receiptPage(name: string, receipt: LicenceReceipt): Reply {
  return pageReply(
    200,
    'Receipt recorded',
    `<h1>Receipt recorded</h1>
<p>${escapeHtml(describeReceipt(name, receipt))} Nothing has to be carried back.</p>
${another}`,
  );
}

/** The document in the fields of the form: the file if one was chosen, otherwise the text. Throws INVALID_INPUT. */
export async function readForm(body: Buffer, contentType: string): Promise<CarriedDocument> {
  let fields: FormData;
  try {
    const content = new Uint8Array(body);
    fields = await new Response(content, { headers: { 'Content-Type': contentType } }).formData();
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The form could not be read.', { cause });
  }
  const [file, text] = [fields.get('file'), fields.get('text')];
  const chosen =
    file instanceof Blob && file.size > 0 ? decodeText(new Uint8Array(await file.arrayBuffer())) : text;
  if (typeof chosen !== 'string' || chosen.trim() === '')
    throw new AppError('INVALID_INPUT', 'Choose the file of a request or a receipt, or paste its text.');
  // As a request, so that its verification says what is wrong with it.
  return findCarriedDocument(chosen) ?? { type: 'request', text: chosen.trim() };
}
