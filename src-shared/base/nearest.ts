import { distance } from 'fastest-levenshtein';

const maxWord = 40;

function plain(text: string): string {
  return text.toLowerCase().replace(/[-_ ]/gu, '');
}

/** All texts that result from swapping one pair of neighbouring letters. */
function swapNeighbours(text: string): string[] {
  return Array.from(
    { length: Math.max(0, text.length - 1) },
    (_, at) => text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2),
  );
}

/**
 * The only candidate that differs from `word` by at most two edits. Null if all candidates are further
 * away, or if two are equally near.
 */
export function findNearest<Candidate extends string>(
  word: string,
  candidates: readonly Candidate[],
): Candidate | null {
  if (word === '' || word.length > maxWord) return null;
  const typed = plain(word);
  const swaps = swapNeighbours(typed);
  const [best, second] = candidates
    .map((candidate) => {
      const name = plain(candidate);
      // Two swapped letters are one typing error, but Levenshtein counts two edits.
      return {
        candidate,
        edits: Math.min(distance(typed, name), ...swaps.map((swap) => distance(swap, name) + 1)),
      };
    })
    .filter(({ candidate, edits }) => edits <= (candidate.length > 5 ? 2 : 1))
    .sort((left, right) => left.edits - right.edits);
  return best === undefined || best.edits === second?.edits ? null : best.candidate;
}
