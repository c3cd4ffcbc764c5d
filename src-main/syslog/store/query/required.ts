import { foldCase, type LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { TrigramHash, wordBits } from '../bloom/filter.ts';
import { KeyedHash } from '../keyedHash.ts';
import { wordsOf } from '../words.ts';
import { requiredLiterals } from './regexpLiterals.ts';

/** More bits of one term would exclude little more and cost a read each. */
const maxTrigramsPerTerm = 12;

/**
 * What the filter of a block must have so that the block can have a hit: bits, all of the parts, or one of them. Null if
 * nothing is required.
 */
export type Required = { bits: number[] } | { all: Required[] } | { any: Required[] } | null;

const edgeWords = /^[\w\u{80}-\u{10ffff}]+|[\w\u{80}-\u{10ffff}]+$/gu;

function requireAll(parts: readonly Required[]): Required {
  const all = parts.filter((part) => part !== null);
  return all.length === 0 ? null : { all };
}

/** Finds what queries require of the filters of one store. */
export function createRequirements(key: Buffer): (query: LogQuery) => Required {
  const hash = new KeyedHash(key);
  const trigrams = new TrigramHash(key);

  function bitsOfWords(text: string): number[] {
    const { words, joined } = wordsOf(text);
    return [...words, ...joined].flatMap((word) => {
      const bytes = Buffer.from(word);
      hash.hash(bytes, 0, bytes.length);
      return wordBits(hash);
    });
  }
  function bitsOfTrigrams(text: string): number[] {
    const bytes = Buffer.from(foldCase(text));
    const all = Array.from({ length: Math.max(0, bytes.length - 2) }, (_, at) =>
      trigrams.bit(bytes.readUIntBE(at, 3)),
    );
    const step = Math.max(1, all.length / maxTrigramsPerTerm);
    return Array.from(
      { length: Math.min(all.length, maxTrigramsPerTerm) },
      (_, at) => all[Math.floor(at * step)] ?? 0,
    );
  }
  function requireText(text: string, isWord: boolean): Required {
    // Half a character is found in whole ones, which have other bytes.
    if (!text.isWellFormed()) return null;
    // Words at the ends of a text may be parts of longer words.
    const words = bitsOfWords(isWord ? text : text.replaceAll(edgeWords, ''));
    const bits = [...new Set([...words, ...(words.length > 9 ? [] : bitsOfTrigrams(text))])];
    return bits.length === 0 ? null : { bits };
  }
  return function require(query): Required {
    switch (query.kind) {
      case 'text':
      case 'word':
        return requireText(query.text, query.kind === 'word');
      case 'regexp':
        return requireAll(requiredLiterals(query).map((literal) => requireText(literal, false)));
      case 'and':
        return requireAll(query.nodes.map(require));
      case 'or': {
        const any = query.nodes.map(require);
        return any.includes(null) ? null : { any };
      }
      case 'field':
        // The whole name stands in the line.
        return (query.field === 'program' || query.field === 'host') && query.op === '='
          ? requireText(query.value, false)
          : null;
      case 'all':
      case 'not':
        return null;
    }
  };
}
