import { z } from 'zod';
import { waitFor } from '../test-support/waitFor.ts';

/** How many objects of each kind a process holds after a collection of garbage, and how much memory all values take. */
export type HeapContent = { mb: number; objects: ReadonlyMap<string, number> };

const snapshotSchema = z.object({
  snapshot: z.object({
    meta: z.object({ node_fields: z.array(z.string()), node_types: z.array(z.unknown()) }),
  }),
  nodes: z.array(z.number()),
  strings: z.array(z.string()),
});
const targetsSchema = z.tuple([z.object({ webSocketDebuggerUrl: z.url() })]).rest(z.unknown());
const messageSchema = z.object({
  id: z.int().optional(),
  method: z.string().optional(),
  params: z.object({ chunk: z.string().optional() }).optional(),
});
/** Where Node's inspector listens after SIGUSR1. Benchmarks have a network of their own. */
const inspector = 'http://127.0.0.1:9229/json/list';

function count(text: string): HeapContent {
  const { snapshot, nodes, strings } = snapshotSchema.parse(JSON.parse(text));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const kinds = z.array(z.string()).parse(types[0]);
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field));
  const objects = new Map<string, number>();
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += fields.length) {
    const valueOf = (field = 0) => nodes[at + field] ?? 0;
    bytes += valueOf(size);
    if (kinds[valueOf(type)] !== 'object') continue;
    const key = strings[valueOf(name)] ?? '';
    objects.set(key, (objects.get(key) ?? 0) + 1);
  }
  return { mb: bytes / 1e6, objects };
}

/** Reads the heap of a Node program, which stops for some seconds. */
export async function readHeap(pid: number): Promise<HeapContent> {
  process.kill(pid, 'SIGUSR1');
  const answers = () =>
    fetch(inspector).then(
      () => true,
      () => false,
    );
  await waitFor('the inspector answers', answers);
  const [target] = targetsSchema.parse(await (await fetch(inspector)).json());
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  const chunks: string[] = [];
  const done = Promise.withResolvers<void>();
  // Also after an error.
  socket.addEventListener('close', () =>
    done.reject(new Error('the inspector ended before the heap was read')),
  );
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params } = messageSchema.parse(JSON.parse(String(data)));
    if (method === 'HeapProfiler.addHeapSnapshotChunk') chunks.push(params?.chunk ?? '');
    if (id === 2) done.resolve();
  });
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.enable' }));
    socket.send(JSON.stringify({ id: 2, method: 'HeapProfiler.takeHeapSnapshot', params: {} }));
  });
  await done.promise;
  socket.close();
  return count(chunks.join(''));
}

/** So many more objects of a kind are growth, if it is also a fifth more. */
const minGrowth = 500;

/** The kinds of objects of which there are many more than before. */
export function findGrowth(before: HeapContent, after: HeapContent): Record<string, [number, number]> {
  return Object.fromEntries(
    [...after.objects].flatMap(([name, now]) => {
      const then = before.objects.get(name) ?? 0;
      return now - then > Math.max(minGrowth, then / 5) ? [[name, [then, now]]] : [];
    }),
  );
}
