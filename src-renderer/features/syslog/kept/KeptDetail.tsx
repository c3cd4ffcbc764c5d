import type { OwnExplainRules } from '../../../../src-shared/contract/logs.ts';
import type { Explanation as LineExplanation } from '../../../../src-shared/model/syslog/explain/explainRule.ts';
import { printValue } from '../../../../src-shared/model/syslog/query/printQuery.ts';
import type { Bookmark } from '../../../../src-shared/model/syslog/logNotes.ts';
import { tunnelCodeSchema } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { CodeLink } from '../../codes/CodeLink.tsx';
import { usePorts } from '../../tenants/queries.ts';
import { LineDetail } from '../components/LineDetail.tsx';
import { findNamedTunnels } from '../namedTunnels.ts';
import { BookmarkForm } from './BookmarkForm.tsx';
import { useExplain } from './useExplain.ts';
import type { ShownLine } from './shownLine.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** That some of the operator's own rules are not used, and why. */
function RuleProblems({ own }: { own: OwnExplainRules }) {
  const [first] = own.problems;
  if (first === undefined) return null;
  return (
    <p className={feedback.notice} data-tone="warn">
      {own.problems.length === 1 ? 'One rule' : `${own.problems.length} rules`} of {own.path} can’t be used.
      Line {first.line}: {first.message}
    </p>
  );
}

/** What a rule says about a line, and the next step. */
function Explanation({ shown }: { shown: ShownLine }) {
  const { explain, own } = useExplain();
  const explanation = explain(shown.line);
  return (
    <>
      {own === undefined ? null : <RuleProblems own={own} />}
      {explanation === null ? null : <ExplanationCard explanation={explanation} />}
    </>
  );
}

function ExplanationCard({ explanation }: { explanation: LineExplanation }) {
  const { title, meaning, next } = explanation;
  const code = tunnelCodeSchema.safeParse(explanation.code);
  return (
    <Card title="What this line means">
      <div className={layout.stack}>
        <b>{title}</b>
        <p>{meaning}</p>
        <h3 className={textStyles.sub}>Next step</h3>
        <p>{next}</p>
        {code.success ? <CodeLink code={code.data} text={`What ${code.data} means`} /> : null}
      </div>
    </Card>
  );
}

/** All lines of the tenants that the line names. */
function TenantLines({ shown, onQuery }: { shown: ShownLine; onQuery: (query: string) => void }) {
  const { applianceId } = shown.kept;
  const rows = usePorts({ applianceId }).data?.rows ?? [];
  const named = findNamedTunnels(
    shown.line.message,
    rows.filter((row) => row.applianceId === applianceId),
  );
  const tenants = [...new Set(named.map(({ clientId }) => clientId))];
  return (
    <>
      {tenants.slice(0, 5).map((tenant) => (
        <Button key={tenant} small onClick={() => onQuery(`tenant:${printValue(tenant)}`)}>
          Lines of {tenant}
        </Button>
      ))}
    </>
  );
}

/** A line with its explanation, its tenants and its bookmark. */
export function KeptDetail(props: {
  shown: ShownLine;
  name: string;
  bookmark: Bookmark | null;
  mayNote: boolean;
  isNoting: boolean;
  onNoting: (isNoting: boolean) => void;
  onQuery: (query: string) => void;
  onContext: () => void;
  onCopyLink: () => void;
  onClose: () => void;
}) {
  const { shown, bookmark, isNoting, onNoting } = props;
  return (
    <LineDetail line={shown.line} applianceName={props.name} onClose={props.onClose}>
      <Explanation shown={shown} />
      <Card title="This line">
        <div className={layout.stack}>
          <div className={`${layout.row} ${layout.wrap} ${layout.tightRow}`}>
            <Button small onClick={props.onContext}>
              Show context
            </Button>
            <Button small onClick={props.onCopyLink}>
              Copy link
            </Button>
            {props.mayNote ? (
              <Button small onClick={() => onNoting(!isNoting)}>
                {bookmark === null ? 'Bookmark…' : 'Edit bookmark…'}
              </Button>
            ) : null}
            <TenantLines shown={shown} onQuery={props.onQuery} />
          </div>
          {bookmark !== null && !isNoting ? (
            <p>Bookmarked{bookmark.note === '' ? '' : `: ${bookmark.note}`}</p>
          ) : null}
          {isNoting ? (
            <BookmarkForm key={shown.id} shown={shown} bookmark={bookmark} onDone={() => onNoting(false)} />
          ) : null}
        </div>
      </Card>
    </LineDetail>
  );
}
