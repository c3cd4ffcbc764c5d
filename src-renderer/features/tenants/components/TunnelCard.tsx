import { type ReactNode, useState } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { minuteMs } from '../../../../src-shared/base/time.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { needsAttention } from '../../../../src-shared/model/tunnels/tone.ts';
import type { RefusedForward } from '../../../../src-shared/model/tunnels/refusedForward.ts';
import { layerTitles } from '../../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { places } from '../../../state/places.ts';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { copyMachineText } from '../../../ui/text/copy.ts';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { useSettled } from '../../../ui/layout/useSettled.ts';
import { CodeLink } from '../../codes/CodeLink.tsx';
import { useMay } from '../../system/queries.ts';
import { useProbe } from '../mutations.ts';
import { type TunnelRef, useDiagnosis } from '../queries.ts';
import { formatLatency } from '../rows.ts';
import { Advice } from './Advice.tsx';
import { LayerDot } from './Chain.tsx';
import { ProofLines } from './ProofLines.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

const CustomerMessage = lazyComponent(
  async () => (await import('../customer/CustomerMessage.tsx')).CustomerMessage,
);

/**
 * A test result counts as recent until well after the next test is due; the other layers are read all the
 * time.
 */
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
              onClick={() => copyMachineText(layer.evidence, `${layerTitles[layer.layer]} copied`)}
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

function CustomerButton({
  tunnel,
  refusedForward,
}: {
  tunnel: Tunnel;
  refusedForward: RefusedForward | null;
}) {
  const [isWriting, setIsWriting] = useState(false);
  const close = () => setIsWriting(false);
  return (
    <>
      <Button onClick={() => setIsWriting(true)}>Message to the customer…</Button>
      <Dialog
        opened={isWriting}
        onClose={close}
        title={`Message to ${visibleText(tunnel.clientId)}`}
        size={640}
      >
        {isWriting ? (
          <CustomerMessage.Component
            props={{ tunnel, refusedForward, onClose: close }}
            fallback={<Skeleton lines={8} />}
          />
        ) : null}
      </Dialog>
    </>
  );
}

/** The result of the last test, or that a test runs. */
function ProbeResult({ probe }: { probe: ReturnType<typeof useProbe> }) {
  const { data } = probe;
  if (probe.isPending) return 'Testing from the appliance…';
  if (data === undefined) return null;
  if (data.probed === 0) return 'No open tunnel to test.';
  const size = probe.variables?.isLarge === true ? ' with large packets' : '';
  const time = formatLatency(data.milliseconds);
  if (data.probed === 1) return `Tested this tunnel${size} in ${time}: ${data.ok === 1 ? 'OK' : 'not OK'}.`;
  return `Tested ${data.probed} tunnels${size} in ${time}: ${data.ok} OK.`;
}

/** The log lines that prove a tunnel's diagnosis. They are read again each time they are shown. */
function useProofLines(place: TunnelRef, tunnel: Tunnel) {
  const [isShown, setIsShown] = useState(false);
  const isSettled = useSettled(`${tunnel.code} ${place.clientId} ${place.port}`, 600);
  const query = useDiagnosis({
    place,
    // The advice depends on the cause as well.
    code: `${tunnel.code} ${tunnel.layers.find(({ code }) => code === tunnel.code)?.cause ?? ''}`,
    enabled: isShown || (isSettled && needsAttention(tunnel.tone)),
  });
  const toggle = (): void => {
    if (!isShown && query.isFetched) void query.refetch();
    setIsShown(!isShown);
  };
  return { query, isShown, toggle, diagnosis: query.data?.diagnosis };
}

/** A tunnel: its six layers, the meaning of the first that fails, and the actions on it. */
export function TunnelCard({
  head,
  place,
  detail,
  note = null,
}: {
  head: { title: ReactNode; aside: ReactNode };
  place: TunnelRef;
  detail: { view: TenantView; tunnel: Tunnel };
  /** Shown above the layers. */
  note?: ReactNode;
}) {
  const { tunnel, view } = detail;
  const probe = useProbe();
  const mayProbe = useMay('operator');
  const { query, isShown, toggle, diagnosis } = useProofLines(place, tunnel);
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
      <Advice tunnel={tunnel} applianceName={view.applianceName} diagnosis={diagnosis} />
      <div className={`${layout.row} ${layout.wrap} ${layout.tightRow}`}>
        {mayProbe ? (
          <Button busy={probe.isPending} onClick={() => probe.mutate(place)}>
            Test again
          </Button>
        ) : null}
        {mayProbe && tunnel.destination !== null ? (
          <Button
            disabled={probe.isPending}
            title="Sends a request of 4 kB as well. If the network between site and appliance loses large packets, this can stall the tenant’s session and all its tunnels."
            onClick={() => probe.mutate({ ...place, isLarge: true })}
          >
            Test with large packets
          </Button>
        ) : null}
        <Button busy={isShown && query.isFetching} onClick={toggle}>
          {isShown ? 'Hide log lines' : 'Show log lines'}
        </Button>
        <PlaceLink
          to={places.applianceSyslog(view.applianceName, {
            show: 'search',
            find: `tenant:${place.clientId}`,
          })}
        >
          Search the log of {place.clientId}
        </PlaceLink>
        <CustomerButton tunnel={tunnel} refusedForward={diagnosis?.refusedForward ?? null} />
        <CodeLink code={tunnel.code} text={`What ${tunnel.code} means`} />
      </div>
      <output className={`${styles.probeSaid} ${textStyles.sub}`}>
        <ProbeResult probe={probe} />
      </output>
      {probe.error === null ? null : <ErrorNotice error={toErrorData(probe.error)} />}
      {!isShown ? null : diagnosis !== undefined ? (
        <ProofLines diagnosis={diagnosis} />
      ) : query.isError ? (
        <ErrorNotice error={toErrorData(query.error)} onRetry={() => void query.refetch()} />
      ) : null}
    </Card>
  );
}
