import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import { visibleLine } from '../../../../../src-shared/base/machineText.ts';
import { printValue } from '../../../../../src-shared/model/syslog/query/printQuery.ts';
import { severities } from '../../../../../src-shared/model/syslog/syslogLine.ts';
import { ErrorNotice } from '../../../../ui/feedback/States.tsx';
import { toneOfSeverity } from '../../components/severityTone.ts';
import type { KeptPage } from '../useKeptPage.ts';
import { hasTerm, toggleTerm } from './toggleTerm.ts';
import { type FacetValue, useFacets } from './useFacets.ts';
import styles from './facets.module.css';

/** Values of a field that are shown at first. */
const maxShown = 12;

type FacetProps = {
  title: string;
  values: readonly FacetValue[];
  /** Hits, or values, that are not listed. */
  others?: string;
  termOf: (value: string) => string;
  toneOf?: (value: string) => string | undefined;
  query: Parameters<typeof hasTerm>[0];
  onQuery: (text: string) => void;
};

function Facet({ title, values, others = '', termOf, toneOf, query, onQuery }: FacetProps) {
  if (values.length === 0) return null;
  return (
    <fieldset className={styles.facet}>
      <legend>{title}</legend>
      {values.slice(0, maxShown).map(({ value, count }) => {
        const term = termOf(value);
        return (
          <button
            key={value}
            type="button"
            className={styles.value}
            aria-pressed={hasTerm(query, term)}
            disabled={query.parsed === null}
            title={term}
            onClick={() => {
              const text = toggleTerm(query, term);
              if (text !== null) onQuery(text);
            }}
          >
            <span className={styles.name} data-edge={toneOf?.(value)}>
              {visibleLine(value)}
            </span>{' '}
            <span className={styles.count}>{formatCount(count)}</span>
          </button>
        );
      })}
      {values.length > maxShown ? (
        <span className={styles.others}>{formatCount(values.length - maxShown)} more values</span>
      ) : null}
      {others === '' ? null : <span className={styles.others}>{others}</span>}
    </fieldset>
  );
}

const ofField = (field: string) => (value: string) => `${field}:${printValue(value)}`;
const othersOf = ({ others }: { others: number }) =>
  others === 0 ? '' : `${formatCount(others)} lines with other values`;

/** How many of the found lines have which value. A click adds the value to the query, another takes it away. */
export function FacetPanel({
  page,
  nameOf,
  onQuery,
}: {
  page: KeptPage;
  nameOf: (applianceId: string) => string;
  onQuery: (text: string) => void;
}) {
  const { fields, tenants, uncountedTenants, error } = useFacets(page.search, page.recount);
  const query = { text: page.view.find, parsed: page.checked.parsed };
  const shared = { query, onQuery };
  const facets = fields?.facets;
  return (
    <aside
      className={styles.panel}
      aria-label="Facets"
      aria-busy={fields?.isDone !== true}
      data-testid="facets"
    >
      {error === null ? null : <ErrorNotice error={error} tone="warn" />}
      {facets === undefined ? (
        <span className={styles.others}>Counting…</span>
      ) : (
        <>
          <Facet
            {...shared}
            title="Severity"
            values={severities
              .map((value, at) => ({ value, count: facets.severity[at] ?? 0 }))
              .filter(({ count }) => count > 0)}
            termOf={ofField('severity')}
            toneOf={(value) => toneOfSeverity(severities.find((one) => one === value) ?? null)}
          />
          <Facet
            {...shared}
            title="Program"
            values={facets.program.values}
            others={othersOf(facets.program)}
            termOf={ofField('program')}
          />
          <Facet
            {...shared}
            title="Tenant"
            values={tenants}
            others={uncountedTenants === 0 ? '' : `${formatCount(uncountedTenants)} tenants are not counted`}
            termOf={ofField('tenant')}
          />
          <Facet
            {...shared}
            title="Host"
            values={facets.host.values}
            others={othersOf(facets.host)}
            termOf={ofField('host')}
          />
          <Facet
            {...shared}
            title="Appliance"
            values={facets.appliance.values.map(({ value, count }) => ({ value: nameOf(value), count }))}
            termOf={ofField('appliance')}
          />
        </>
      )}
    </aside>
  );
}
