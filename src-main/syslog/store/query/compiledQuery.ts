import { foldCase, type LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { addBits, emptyBitmap, isEmpty, withoutBits, type Bitmap } from './bitmap.ts';
import type { BlockView } from './blockView.ts';
import { createFieldLeaf, type ApplianceNames } from './fieldLeaf.ts';
import { createRegexpLeaf } from './regexpLeaf.ts';
import { createTextLeaf } from './textLeaf.ts';

/** Finds the lines of `mask` that a query fits. */
export type LineFinder = (view: BlockView, mask: Bitmap) => Bitmap;

/** Fields need no text, so they are tested first, and the dearest last. */
function costOf(query: LogQuery): number {
  switch (query.kind) {
    case 'all':
      return 0;
    case 'field':
      return 1;
    case 'text':
    case 'word':
      return 2;
    case 'regexp':
      return 3;
    case 'not':
      return costOf(query.node);
    case 'and':
    case 'or':
      return Math.max(0, ...query.nodes.map(costOf));
  }
}

/**
 * Compiles a query to a search of whole blocks. It finds the lines that `createLineMatcher` fits. Throws INVALID_INPUT for
 * a field that the store does not know.
 */
export function compileQuery(query: LogQuery, names: ApplianceNames): LineFinder {
  switch (query.kind) {
    case 'all':
      return (_, mask) => mask;
    case 'text':
    case 'word':
      return createTextLeaf(foldCase(query.text), query.kind === 'word');
    case 'regexp':
      return createRegexpLeaf(query);
    case 'field':
      return createFieldLeaf(query, names);
    case 'not': {
      const find = compileQuery(query.node, names);
      return (view, mask) => withoutBits(mask, find(view, mask));
    }
    case 'and': {
      const finders = query.nodes
        .toSorted((left, right) => costOf(left) - costOf(right))
        .map((node) => compileQuery(node, names));
      return (view, mask) => finders.reduce((left, find) => (isEmpty(left) ? left : find(view, left)), mask);
    }
    case 'or': {
      const finders = query.nodes.map((node) => compileQuery(node, names));
      return (view, mask) => {
        const found = emptyBitmap(view.columns.count);
        for (const find of finders) addBits(found, find(view, withoutBits(mask, found)));
        return found;
      };
    }
  }
}
