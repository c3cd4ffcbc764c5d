import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { minuteMs } from '../../../../src-shared/base/time.ts';
import type { OwnExplainRules } from '../../../../src-shared/contract/logs.ts';
import type {
  Explanation as LineExplanation,
  RegisteredKey,
} from '../../../../src-shared/model/syslog/explain/explainRule.ts';
import { printValue } from '../../../../src-shared/model/syslog/query/printQuery.ts';
import type { Bookmark } from '../../../../src-shared/model/syslog/logNotes.ts';
import { tunnelCodeSchema } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { places } from '../../../state/places.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { timesAround } from '../../tenants/story/readStory.ts';
import { StoryCard } from '../../tenants/story/StoryCard.tsx';
import { useExplain } from '../../tenants/story/useExplain.ts';
import { CodeLink } from '../../codes/CodeLink.tsx';
import { LineDetail } from '../components/LineDetail.tsx';
import { BookmarkForm } from './BookmarkForm.tsx';
import { CorrectedTime } from './KeptRowView.tsx';
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
function Explanation({ shown, keys }: { shown: ShownLine; keys: readonly RegisteredKey[] }) {
  const { explain, own } = useExplain();
  const explanation = explain(shown.line, keys);
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

/** Lines of more tenants than this are about none of them. */
const maxTenants = 5;

/** Keys may change while the page is open, so that tenants are read again after this time. */
const staleMs = minuteMs;

/** The tenants that the line names, or whose session wrote it, and their present keys. */
function useTenantsOf({ kept: { key } }: ShownLine) {
  const { queries } = useConsole();
  const input = { source: key.source, line: key.line };
  const { data } = useQuery(queries.logs.tenants.queryOptions({ input, staleTime: staleMs }));
  return { clientIds: (data?.clientIds ?? []).slice(0, maxTenants), keys: data?.keys ?? [] };
}

/** The tenants of the line, and all their lines. */
function TenantLines(props: {
  clientIds: readonly string[];
  name: string;
  onQuery: (query: string) => void;
}) {
  return (
    <>
      {props.clientIds.map((clientId) => (
        <span key={clientId} className={layout.row}>
          <PlaceLink to={places.tenant(props.name, clientId)}>Tenant {clientId}</PlaceLink>
          <Button small onClick={() => props.onQuery(`tenant:${printValue(clientId)}`)}>
            Lines of {clientId}
          </Button>
        </span>
      ))}
    </>
  );
}

type Props = {
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
};

/** What can be done with a line, its tenants and its bookmark. */
function LineActions({ clientIds, ...props }: Props & { clientIds: readonly string[] }) {
  const { shown, bookmark, isNoting, onNoting } = props;
  return (
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
        <TenantLines clientIds={clientIds} name={props.name} onQuery={props.onQuery} />
      </div>
      {bookmark !== null && !isNoting ? (
        <p>Bookmarked{bookmark.note === '' ? '' : `: ${bookmark.note}`}</p>
      ) : null}
      {isNoting ? (
        <BookmarkForm key={shown.id} shown={shown} bookmark={bookmark} onDone={() => onNoting(false)} />
      ) : null}
    </div>
  );
}

/** A line: what can be done with it, what happened to its tenants around it, and what it means. */
export function KeptDetail(props: Props) {
  const { shown } = props;
  const { clientIds, keys } = useTenantsOf(shown);
  const { key } = shown.kept;
  const times = useMemo(() => timesAround(key), [key]);
  return (
    <LineDetail
      line={shown.line}
      applianceName={props.name}
      onClose={props.onClose}
      correctedTime={typeof shown.kept.skewErrorMs === 'number' ? <CorrectedTime shown={shown} /> : null}
      lead={<LineActions {...props} clientIds={clientIds} />}
    >
      {clientIds.map((clientId) => (
        <StoryCard
          key={clientId}
          applianceId={shown.kept.applianceId}
          clientId={clientId}
          keys={keys}
          times={times}
        />
      ))}
      <Explanation shown={shown} keys={keys} />
    </LineDetail>
  );
}
