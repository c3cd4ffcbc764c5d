import { needsAttention } from '../../../../src-shared/model/tunnels/tone.ts';
import { type ReactNode, useState } from 'react';
import type { Diagnosis } from '../../../../src-shared/contract/ports.ts';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { adviseOn } from '../../../../src-shared/model/tunnels/advice.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { ageMs, formatDuration, minuteMs } from '../../../../src-shared/base/time.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { formatLineTime, MomentText } from '../../../ui/feedback/Moment.tsx';
import { notify } from '../../../ui/feedback/notify.ts';
import { useNow } from '../../../ui/feedback/now.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { useSettled } from '../../../ui/layout/useSettled.ts';
import { useMay } from '../../system/queries.ts';
import { useProbe } from '../mutations.ts';
import { type TunnelRef, useDiagnosis } from '../queries.ts';
import { CodeLink } from '../../codes/CodeLink.tsx';
import { layerTitles } from '../../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { LayerDot } from './Chain.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

type Detail = { view: TenantView; tunnel: Tunnel };

/** What a probe saw holds until the next one is due, and somewhat longer; what the console asks for all the time does not. */
const probeFreshForMs = 15 * minuteMs;

function Layers({ tunnel }: { tunnel: Tunnel }) {
  return (
    <ol className={styles.layers} aria-label="Layers">
      {tunnel.layers.map((layer) => {
        const isProbed = layer.layer === 'forward' || layer.layer === 'service';
        const fresh = isProbed ? { freshForMs: probeFreshForMs } : {};
        return (
          <li key={layer.layer} data-state={layer.was === undefined ? layer.state : 'was'}>
            <LayerDot layer={layer} observedAt={tunnel.observedAt} {...fresh} />
            <span>{layerTitles[layer.layer]}</span>
            <button
              type="button"
              className={`${textStyles.mono} ${styles.layerEvidence}`}
              title={`${visibleText(layer.evidence)}\nClick to copy`}
              onClick={() => copyText(layer.evidence, `${layerTitles[layer.layer]} copied`)}
            >
              <MomentText text={layer.evidence} />
            </button>
            {layer.observedAt === null ? (
              <span className={feedback.age} />
            ) : (
              <Age
                observedAt={layer.observedAt}
                {...fresh}
                {...(layer.was === undefined ? {} : { freshForMs: 0 })}
              />
            )}
          </li>
        );
      })}
    </ol>
  );
}

function agreeing({ lines, linesFrom }: Diagnosis, now: number): string {
  if (lines.length === 0 || linesFrom === null) return '';
  const count = lines.length === 1 ? '1 syslog line' : `${lines.length} syslog lines`;
  return ` ${count} from the last ${formatDuration(ageMs(linesFrom, now))} ${lines.length === 1 ? 'confirms' : 'confirm'} this.`;
}

/** What the first failing layer means, whom to ask and what to do. */
function Sentence({
  tunnel,
  applianceName,
  diagnosis,
}: {
  tunnel: Tunnel;
  applianceName: string;
  diagnosis: Diagnosis | undefined;
}) {
  const now = useNow();
  const { meaning, ask, next } = diagnosis ?? adviseOn(tunnel, applianceName);
  return (
    <div className={styles.advice}>
      <p>
        <MomentText text={meaning} />
        {diagnosis === undefined ? null : agreeing(diagnosis, now)}
      </p>
      <dl>
        {ask === null ? null : (
          <>
            <dt>Contact</dt>
            <dd>
              <MomentText text={ask} />
            </dd>
          </>
        )}
        <dt>Next</dt>
        <dd>
          <MomentText text={next} />
        </dd>
      </dl>
    </div>
  );
}

function Lines({ diagnosis }: { diagnosis: Diagnosis }) {
  const from =
    diagnosis.linesFrom === null ? '' : ` since ${formatLineTime(diagnosis.linesFrom).slice(0, 14)}`;
  if (diagnosis.linesError !== null)
    return (
      <p className={`${feedback.word} ${styles.linesNote}`} data-tone="warn">
        {visibleText(diagnosis.linesError)}
      </p>
    );
  if (diagnosis.lines.length === 0)
    return <p className={`${textStyles.sub} ${styles.linesNote}`}>No matching log lines{from}.</p>;
  return (
    <figure className={styles.proof}>
      <figcaption className={textStyles.faint}>
        {diagnosis.lines.length === 1 ? '1 log line' : `${diagnosis.lines.length} log lines`}
        {from}, oldest first
      </figcaption>
      <ol className={styles.proofLines} aria-label="Matching log lines">
        {diagnosis.lines.map((line, index) => (
          <li key={`${index} ${line.text}`}>{visibleText(line.text)}</li>
        ))}
      </ol>
    </figure>
  );
}

/** One tunnel: its six layers, what the first failing one means, and what can be done from here. */
export function TunnelCard({
  head,
  place,
  detail,
  note = null,
}: {
  head: { title: ReactNode; aside: ReactNode };
  place: TunnelRef;
  detail: Detail;
  /** Stands above the layers. */
  note?: ReactNode;
}) {
  const { tunnel, view } = detail;
  const [showsLines, setShowsLines] = useState(false);
  const probe = useProbe();
  const mayProbe = useMay('operator');
  const isSettled = useSettled(`${tunnel.code} ${place.clientId} ${place.port}`, 600);
  const diagnosis = useDiagnosis({
    place,
    code: tunnel.code,
    enabled: showsLines || (isSettled && needsAttention(tunnel.tone)),
  });
  const found = diagnosis.data?.diagnosis;
  const copyForCustomer = async (): Promise<void> => {
    const { data, error } = found === undefined ? await diagnosis.refetch() : diagnosis;
    if (data !== undefined) copyText(data.diagnosis.forCustomer, 'Copied for the customer');
    else notify({ title: 'Could not copy', text: visibleText(toErrorData(error).message), tone: 'bad' });
  };
  return (
    <Card {...head}>
      {note}
      <Layers tunnel={tunnel} />
      {place.port === tunnel.port ? null : (
        <p className={`${textStyles.sub} ${styles.linesNote}`}>
          Port {place.port} is not forwarded at the moment. The following applies to all ports of{' '}
          {place.clientId}.
        </p>
      )}
      <Sentence tunnel={tunnel} applianceName={view.applianceName} diagnosis={found} />
      <div className={`${layout.row} ${layout.wrap} ${layout.tightRow}`}>
        {mayProbe ? (
          <Button busy={probe.isPending} onClick={() => probe.mutate(place)}>
            Test again
          </Button>
        ) : null}
        <Button
          busy={showsLines && diagnosis.isFetching}
          onClick={() => {
            if (!showsLines && diagnosis.isFetched) void diagnosis.refetch();
            setShowsLines(!showsLines);
          }}
        >
          {showsLines ? 'Hide log lines' : 'Show log lines'}
        </Button>
        <Button onClick={() => void copyForCustomer()}>Copy for the customer</Button>
        <CodeLink code={tunnel.code} text={`What ${tunnel.code} means`} />
      </div>
      <output className={`${styles.probeSaid} ${textStyles.sub}`}>
        {probe.isPending
          ? 'Testing from the appliance…'
          : probe.data === undefined
            ? null
            : probe.data.probed === 0
              ? 'No open tunnel to test.'
              : `Tested ${probe.data.probed === 1 ? 'this tunnel' : `${probe.data.probed} tunnels`} in ${Math.round(probe.data.milliseconds)} ms: ${probe.data.well} OK.`}
      </output>
      {probe.error === null ? null : <ErrorNotice error={toErrorData(probe.error)} />}
      {showsLines ? (
        found === undefined ? (
          diagnosis.isError ? (
            <ErrorNotice error={toErrorData(diagnosis.error)} onRetry={() => void diagnosis.refetch()} />
          ) : null
        ) : (
          <Lines diagnosis={found} />
        )
      ) : null}
    </Card>
  );
}
