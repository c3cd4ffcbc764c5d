import { z } from 'zod';
import type { Tone } from '../tunnels/tone.ts';
import type { LinkAlgorithms } from '../appliance/link.ts';

export const postQuantumStates = ['used', 'appliance-only', 'not-offered', 'not-seen'] as const;
export const postQuantumSchema = z.enum(postQuantumStates);
type PostQuantum = z.infer<typeof postQuantumSchema>;

/** Whether the key exchange of a link resists a quantum computer, and what follows from that. */
export const postQuantumTexts = {
  used: { word: 'used', text: 'A recording can’t be decrypted by a quantum computer.' },
  'appliance-only': {
    word: 'offered by the appliance only',
    text: 'This console has no post-quantum key exchange. A quantum computer could decrypt a recording.',
  },
  'not-offered': {
    word: 'not offered',
    text: 'Neither the appliance nor this console has a post-quantum key exchange. A quantum computer could decrypt a recording.',
  },
  'not-seen': {
    word: 'not used; the appliance’s offer was not seen',
    text: 'This console has no post-quantum key exchange. A quantum computer could decrypt a recording.',
  },
} as const satisfies Record<PostQuantum, { word: string; text: string }>;

/** The names of post-quantum key exchanges in OpenSSH and its drafts **[doc]**. */
export function isPostQuantum(kex: string): boolean {
  return /^(?:sntrup|mlkem)/u.test(kex);
}

function findPostQuantum({ kex, serverPostQuantum }: LinkAlgorithms): PostQuantum {
  if (isPostQuantum(kex)) return 'used';
  if (serverPostQuantum === undefined) return 'not-seen';
  return serverPostQuantum.length > 0 ? 'appliance-only' : 'not-offered';
}

/** The algorithms of a link by what each is for, in the order of the handshake. */
export const nameAlgorithms = ({
  kex,
  hostKey,
  cipher,
  mac,
}: Pick<LinkAlgorithms, 'kex' | 'hostKey' | 'cipher' | 'mac'>): (readonly [string, string])[] => [
  ['key exchange', kex],
  ['host key', hostKey],
  ['cipher', cipher],
  ['MAC', mac],
];

/** A plain judgement of the algorithms of a link. */
export function judgeLink(algorithms: LinkAlgorithms): {
  tone: Tone;
  postQuantum: PostQuantum;
  text: string;
} {
  const postQuantum = findPostQuantum(algorithms);
  const { text } = postQuantumTexts[postQuantum];
  if (algorithms.kex === 'unknown')
    return { tone: 'warn', postQuantum: 'not-seen', text: 'The algorithms were not seen.' };
  if (algorithms.weak.length > 0)
    return { tone: 'warn', postQuantum, text: `Weak: ${algorithms.weak.join(', ')}. ${text}` };
  return { tone: 'ok', postQuantum, text: `No weak algorithm. ${text}` };
}
