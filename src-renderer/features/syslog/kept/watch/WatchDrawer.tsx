import type { WatchRule } from '../../../../../src-shared/model/syslog/watch/watchRule.ts';
import type { RaisedAlert } from '../../../../../src-shared/model/syslog/watch/raisedAlert.ts';
import { visibleLine } from '../../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../../rpc/errors.ts';
import { Loaded } from '../../../../ui/feedback/Loaded.tsx';
import { Moment } from '../../../../ui/feedback/Moment.tsx';
import { ErrorNotice, Skeleton } from '../../../../ui/feedback/States.tsx';
import { Button } from '../../../../ui/layout/Button.tsx';
import { Drawer } from '../../../../ui/layout/Drawer.tsx';
import { FilterChip } from '../../../../ui/layout/FilterChip.tsx';
import { PlainList } from '../../../../ui/layout/Lists.tsx';
import { useChangeRules, useWatchRules } from './useWatchRules.ts';
import { WatchForm } from './WatchForm.tsx';
import layout from '../../../../ui/layout/layout.module.css';
import textStyles from '../../../../ui/text/text.module.css';
import kept from '../kept.module.css';
import styles from './watch.module.css';

type ShownRule = WatchRule & { last: RaisedAlert | null };

function describeRule({ threshold, windowSeconds, quietSeconds, groupBy, applianceIds }: ShownRule): string {
  const lines = threshold === 1 ? 'Each line' : `${threshold} lines within ${windowSeconds} s`;
  const apart = groupBy === 'none' ? '' : `, of each ${groupBy} apart`;
  const where = applianceIds === null ? '' : `, ${applianceIds.length} chosen appliances`;
  return `${lines}${apart}${where}; at most every ${quietSeconds} s`;
}

function Rule({ rule, mayChange }: { rule: ShownRule; mayChange: boolean }) {
  const change = useChangeRules();
  const { name, query, isEnabled, last } = rule;
  return (
    <li className={styles.rule} data-testid="watch-rule">
      <div className={styles.ruleHead}>
        <b>{name}</b>
        {mayChange ? (
          <>
            <FilterChip
              on={isEnabled}
              onToggle={() => change.mutate((rules) => rules.setEnabled({ name, isEnabled: !isEnabled }))}
            >
              {isEnabled ? 'On' : 'Off'}
            </FilterChip>
            <Button
              small
              kind="quiet"
              label={`Remove ${name}`}
              busy={change.isPending}
              onClick={() => change.mutate((rules) => rules.remove({ name }))}
            >
              ✕
            </Button>
          </>
        ) : (
          <span>{isEnabled ? 'On' : 'Off'}</span>
        )}
      </div>
      <code>{query === '' ? 'all lines' : query}</code>
      <span className={textStyles.sub}>{describeRule(rule)}</span>
      {last === null ? (
        <span className={textStyles.sub}>Nothing raised yet.</span>
      ) : (
        <span>
          Last: <Moment at={new Date(last.at).toISOString()} /> {visibleLine(last.text)}
        </span>
      )}
      {change.error === null ? null : <ErrorNotice error={toErrorData(change.error)} />}
    </li>
  );
}

/** The rules that watch new lines, what each raised last, and a form for a new one. */
export function WatchDrawer(props: {
  query: string;
  applianceIds: readonly string[];
  applianceText: string;
  mayChange: boolean;
  onClose: () => void;
}) {
  const rules = useWatchRules();
  return (
    <Drawer opened onClose={props.onClose} title="Watch rules">
      <div className={`${layout.stack} ${kept.drawer}`}>
        <p className={textStyles.sub}>
          A rule raises a notification when enough new lines match. Rules work while the console runs.
        </p>
        <Loaded query={rules} skeleton={<Skeleton />} empty={<p>No rules yet.</p>}>
          {(list) => (
            <PlainList label="Watch rules">
              {list.map((rule) => (
                <Rule key={rule.id} rule={rule} mayChange={props.mayChange} />
              ))}
            </PlainList>
          )}
        </Loaded>
        {props.mayChange ? (
          <WatchForm
            query={props.query}
            applianceIds={props.applianceIds}
            applianceText={props.applianceText}
          />
        ) : null}
      </div>
    </Drawer>
  );
}
