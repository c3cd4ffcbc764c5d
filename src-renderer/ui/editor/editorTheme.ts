import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const button = {
  backgroundImage: 'none',
  background: 'var(--s3)',
  border: '1px solid var(--line2)',
  borderRadius: '6px',
  color: 'var(--t1)',
};

/** A background on which each colour of the text has enough contrast. */
const tinted = (colour: string) => `color-mix(in srgb, ${colour} 50%, transparent)`;

/** The colours of the page, so that the editor follows its theme. */
const colours = EditorView.theme({
  '&': { height: '100%', color: 'var(--t1)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: '12px/20px var(--mono)', fontVariantLigatures: 'none', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--t1)' },
  '.cm-line': { padding: '0 12px' },
  '.cm-gutters': {
    color: 'var(--t3)',
    backgroundColor: 'var(--s2)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--acc) 8%, transparent)' },
  '.cm-activeLineGutter': { color: 'var(--t1)', backgroundColor: 'transparent' },
  '.cm-placeholder': { color: 'var(--t3)' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '[data-part="note"]': {
    font: '11px/16px var(--sans)',
    color: 'var(--t2)',
    backgroundColor: 'var(--s3)',
    borderRadius: '4px',
    padding: '0 6px',
    marginLeft: '6px',
    userSelect: 'none',
  },
  '[data-part="message"]': {
    font: '12px/18px var(--sans)',
    display: 'flex',
    gap: '4px 9px',
    alignItems: 'baseline',
    padding: '1px 12px 5px',
    userSelect: 'none',
    whiteSpace: 'normal',
    overflowWrap: 'anywhere',
  },
  '[data-part="message"] > b': { fontWeight: '600', flex: 'none' },
  '[data-part="message"] > span': { flex: '1', color: 'var(--t1)' },
  '[data-part="message"] > button': {
    ...button,
    font: '12px/18px var(--sans)',
    padding: '0 9px',
    flex: 'none',
    cursor: 'pointer',
  },
  '[data-part="message"][data-tone="error"]': { backgroundColor: tinted('var(--badbg)') },
  '[data-part="message"][data-tone="error"] > b': { color: 'var(--bad)' },
  '[data-part="message"][data-tone="warning"]': { backgroundColor: tinted('var(--warnbg)') },
  '[data-part="message"][data-tone="warning"] > b': { color: 'var(--warn)' },
  '[data-part="changed"]': {
    display: 'block',
    width: '8px',
    height: '8px',
    margin: '6px 0 0 4px',
    borderRadius: '2px',
    backgroundColor: 'var(--info)',
  },
  '.cm-line[data-tone="error"]': { backgroundColor: tinted('var(--badbg)') },
  '.cm-line[data-tone="warning"]': { backgroundColor: tinted('var(--warnbg)') },
  '.cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange-info': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy 1px',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-error': { textDecorationColor: 'var(--bad)' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--warn)' },
  '.cm-lintRange-info': { textDecorationColor: 'var(--info)' },
  '.cm-lint-marker': { width: '0.9em', height: '0.9em' },
  '.cm-tooltip': {
    color: 'var(--t1)',
    backgroundColor: 'var(--s2)',
    border: '1px solid var(--line2)',
    borderRadius: '8px',
    boxShadow: 'var(--shadow)',
    maxWidth: '44ch',
    font: '12px/1.45 var(--sans)',
  },
  '[data-part="help"]': { padding: '7px 10px' },
  '[data-part="help"] b': { font: '600 12px var(--mono)', display: 'block' },
  '.cm-diagnostic': { borderLeftWidth: '3px', padding: '5px 10px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--info)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { font: '12px/1.6 var(--mono)', maxHeight: '220px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { color: 'var(--t1)', background: 'var(--accbg)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { color: 'var(--t2)', fontStyle: 'normal' },
  '.cm-completionInfo': { padding: '6px 10px' },
  '.cm-panels': { color: 'var(--t1)', backgroundColor: 'var(--s2)', font: '12px/1.45 var(--sans)' },
  '.cm-panels.cm-panels-top, .cm-panels.cm-panels-bottom': { borderColor: 'var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 12px' },
  '.cm-panel.cm-search label': { fontSize: '12px' },
  '.cm-textfield': { background: 'var(--s1)', border: '1px solid var(--line2)', color: 'var(--t1)' },
  '.cm-button': button,
  '.cm-panel button[name=close]': { color: 'var(--t1)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warnbg)', outline: '1px solid var(--warn)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--accbg)', outline: '1px solid var(--acc)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--s3)' },
});

const highlighting = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: 'var(--info)' },
  { tag: tags.propertyName, color: 'var(--info)' },
  { tag: [tags.string, tags.content, tags.special(tags.string)], color: 'var(--t1)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--t3)' },
  { tag: [tags.keyword, tags.meta, tags.labelName, tags.typeName], color: 'var(--warn)' },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--t2)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

export const editorTheme = [colours, syntaxHighlighting(highlighting)];
