import { distance } from 'fastest-levenshtein';

const maxWord = 40;

function plain(text: string): string {
  return text.toLowerCase().replace(/[-_ ]/gu, '');
}

/** The text with each pair of neighbours swapped, once per pair. */
function swapped(text: string): string[] {
  return Array.from(
    { length: Math.max(0, text.length - 1) },
    (_, at) => text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2),
  );
}

/** The only candidate that `word` probably means, apart by at most two edits; null if none or several are as near. */
export function nearest<Candidate extends string>(
  word: string,
  candidates: readonly Candidate[],
): Candidate | null {
  if (word === '' || word.length > maxWord) return null;
  const typed = plain(word);
  const swaps = swapped(typed);
  const [best, second] = candidates
    .map((candidate) => {
      const name = plain(candidate);
      // Two swapped letters are a single slip, which Levenshtein counts as two.
      return {
        candidate,
        edits: Math.min(distance(typed, name), ...swaps.map((swap) => distance(swap, name) + 1)),
      };
    })
    .filter(({ candidate, edits }) => edits <= (candidate.length > 5 ? 2 : 1))
    .sort((left, right) => left.edits - right.edits);
  return best === undefined || best.edits === second?.edits ? null : best.candidate;
}
