import fc from 'fast-check';
import { maxFrameLength } from '../src-main/rpc/requestFrame.ts';

export const about = (id: string) => JSON.stringify({ i: id, p: { u: '/system/about', b: { json: {} } } });
export const call = (id: string, path: string, body: unknown, more: Record<string, unknown> = {}) =>
  JSON.stringify({ i: id, p: { u: path, b: body, ...more } });

export const malformedWithId: [name: string, frame: (id: string) => string][] = [
  [
    'a multipart body',
    (id) => call(id, '/system/about', 'zz', { h: { 'content-type': 'multipart/form-data; boundary=x' } }),
  ],
  [
    'a multipart body without a boundary',
    (id) => call(id, '/system/about', '', { h: { 'content-type': 'multipart/form-data' } }),
  ],
  [
    'a form body',
    (id) =>
      call(id, '/system/about', 'a=%zz', { h: { 'content-type': 'application/x-www-form-urlencoded' } }),
  ],
  [
    'a stream as input',
    (id) => call(id, '/system/about', {}, { h: { 'content-type': 'text/event-stream' } }),
  ],
  [
    'a file as input',
    (id) =>
      call(id, '/system/about', {}, { h: { 'content-disposition': "attachment; filename*=utf-8''%zz" } }),
  ],
  ['an empty set of headers', (id) => call(id, '/system/about', { json: {} }, { h: {} })],
  ['another method', (id) => call(id, '/system/about?data=%7B', { json: {} }, { m: 'GET' })],
  ['a path of nothing', (id) => call(id, '/system/nothing', { json: {} })],
  ['a path of a prototype', (id) => call(id, '/__proto__/constructor', { json: {} })],
  ['a path on another host', (id) => call(id, 'http://evil.example/system/about', { json: {} })],
  ['a path that is no address', (id) => call(id, '/%', { json: {} })],
  ['an item of a stream', (id) => JSON.stringify({ i: id, t: 3, p: { e: 'message', d: {} } })],
  ['no content', (id) => JSON.stringify({ i: id })],
  ['a field too many', (id) => JSON.stringify({ i: id, p: { u: '/system/about' }, x: 1 })],
  ['a body without a wrapper', (id) => call(id, '/system/about', 'zz')],
  ['marks that are no list', (id) => call(id, '/system/about', { json: {}, meta: 7 })],
  ['a mark of a prototype', (id) => call(id, '/system/about', { json: {}, meta: [[3, '__proto__', 'x']] })],
  ['a mark of a constructor', (id) => call(id, '/system/about', { json: {}, meta: [[3, 'constructor']] })],
  ['a mark of what is missing', (id) => call(id, '/system/about', { json: {}, meta: [[3, 'a', 'b']] })],
  ['a mark of a value that has one', (id) => call(id, '/system/about', { json: { a: 1 }, meta: [[3, 'a']] })],
  ['a mark through a text', (id) => call(id, '/system/about', { json: { a: 'b' }, meta: [[3, 'a', 0]] })],
  ['a whole number that is none', (id) => call(id, '/system/about', { json: 'x', meta: [[0]] })],
  ['a pattern that backtracks', (id) => call(id, '/system/about', { json: '/(a+)+$/', meta: [[5]] })],
  ['a map of nothing', (id) => call(id, '/system/about', { json: 1, meta: [[7]] })],
  [
    'more characters than it may have',
    (id) => call(id, '/system/about', { json: 'x'.repeat(maxFrameLength) }),
  ],
  ['parts that are missing', (id) => call(id, '/system/about', { json: {}, maps: [['a']] })],
];

export const malformedWithoutId: [name: string, frame: unknown][] = [
  ['no JSON', '{'],
  ['a list', '[]'],
  ['null', 'null'],
  ['no id', JSON.stringify({ p: { u: '/system/about' } })],
  ['an id that is a number', JSON.stringify({ i: 1, p: { u: '/system/about' } })],
  ['an empty id', about('')],
  ['an id of a prototype only', '{"__proto__":{"i":"1"}}'],
  ['a huge id', about('i'.repeat(65))],
  ['a frame that is too long and has no id', `{"p":"${'i'.repeat(maxFrameLength)}"}`],
  ['a frame that is all id', about('i'.repeat(maxFrameLength))],
  ['deep brackets', '['.repeat(400_000) + ']'.repeat(400_000)],
  ['bytes', new Uint8Array([0x7b, 0xff, 0x00, 0xff])],
  ['bytes of a proper call', new TextEncoder().encode(about('bytes'))],
];

const meta = fc.array(
  fc.array(
    fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('__proto__', 'constructor', 'length', 'a')),
    { maxLength: 4 },
  ),
  { maxLength: 3 },
);
const headers = fc.dictionary(
  fc.constantFrom('content-type', 'content-disposition', 'last-event-id', '__proto__'),
  fc.oneof(fc.string(), fc.constantFrom('multipart/form-data; boundary=x', 'text/event-stream')),
);
const payload = fc.record(
  {
    u: fc.oneof(fc.string(), fc.constantFrom('/system/about', '/audit/actions', '/__proto__')),
    h: headers,
    m: fc.oneof(fc.string(), fc.constantFrom('GET', 'POST')),
    b: fc.oneof(fc.jsonValue(), fc.record({ json: fc.jsonValue(), meta }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);

/** Frames of all kinds. Each function puts an ID into a frame that can contain one. */
export const anyFrame: fc.Arbitrary<(id: string) => unknown> = fc.oneof(
  fc.oneof(fc.json(), fc.string(), fc.uint8Array({ maxLength: 64 })).map((frame) => () => frame),
  fc
    .record(
      { t: fc.oneof(fc.integer(), fc.constantFrom(1, 2, 3)), p: fc.oneof(fc.jsonValue(), payload) },
      { requiredKeys: [] },
    )
    .map((frame) => (id: string) => JSON.stringify({ i: id, ...frame })),
);
