import { lookAlikeSentence } from '../../../src-shared/base/lookAlikes.ts';
import type { PinnedHostKey } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { compareExpectedKey } from '../../../src-shared/model/appliance/expectedKey.ts';
import type { HostKey } from '../../../src-shared/model/appliance/hostKey.ts';
import type { KnownHostsAnswer } from '../../../src-shared/model/appliance/knownHostsAnswer.ts';
import type { ToneName } from '../../ui/feedback/freshness.tsx';

/** A host key offered by a server, with the pinned key and the entry in known_hosts. */
export type OfferedHostKey = {
  offered: HostKey;
  pinned: PinnedHostKey | null;
  knownHosts: KnownHostsAnswer | null;
};

/** Whether the key may be accepted, and a sentence with the reason or the missing step. */
export type Comparison = { canAccept: boolean; tone: ToneName; text: string };

const blocked = (tone: ToneName, text: string): Comparison => ({ canAccept: false, tone, text });
const passed = (text: string): Comparison => ({ canAccept: true, tone: 'ok', text });

function placeOf({ place }: KnownHostsAnswer): string {
  return place === null ? 'known_hosts' : `${place.file}, line ${place.line}`;
}

const knownHostsAnswers: Record<
  KnownHostsAnswer['answer'],
  (place: string) => { tone: ToneName; text: string } | null
> = {
  known: (place) => ({ tone: 'ok', text: `known_hosts has this key: ${place}.` }),
  different: (place) => ({ tone: 'warn', text: `known_hosts has another key for this host: ${place}.` }),
  revoked: (place) => ({ tone: 'bad', text: `This key is marked @revoked: ${place}. It can’t be accepted.` }),
  incomplete: (place) => ({
    tone: 'warn',
    text: `known_hosts was not read completely (${place}), so it can’t confirm this key. Compare the fingerprint.`,
  }),
  absent: () => null,
};

/** Describes what known_hosts on the console's computer says. Null if it says nothing. */
export function describeKnownHosts(knownHosts: KnownHostsAnswer | null) {
  return knownHosts === null ? null : knownHostsAnswers[knownHosts.answer](placeOf(knownHosts));
}

/**
 * Compares an offered key with the expected key, the pinned key and known_hosts. Without any of them, the
 * operator must confirm a comparison by eye, so no key is accepted unchecked.
 */
export function compareHostKey(
  { offered, pinned, knownHosts }: OfferedHostKey,
  { expected, isComparedByEye }: { expected: string; isComparedByEye: boolean },
): Comparison {
  if (knownHosts?.answer === 'revoked') return blocked('bad', 'The key is revoked.');
  if (pinned !== null && pinned.fingerprint !== offered.fingerprint)
    return blocked('bad', 'Another key is pinned for this address.');
  if (expected.trim() !== '') {
    const answers = {
      match: passed('All characters match.'),
      mismatch: blocked('bad', 'This doesn’t match the offered key. Don’t connect until you know why.'),
      unreadable: blocked(
        'warn',
        `Enter SHA256:…, MD5:… or a public key line.${lookAlikeSentence(expected.trim())}`,
      ),
    };
    return answers[compareExpectedKey(offered, expected.trim())];
  }
  if (pinned !== null) return passed('It is the key already pinned for this address.');
  if (knownHosts?.answer === 'known') return passed('It is the key in known_hosts.');
  if (isComparedByEye) return passed('Compared by eye.');
  return blocked('off', 'Paste the expected fingerprint, or compare by eye.');
}
