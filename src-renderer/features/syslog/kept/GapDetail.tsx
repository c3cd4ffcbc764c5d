import type { ReactNode } from 'react';
import { gapFacts } from '../../../../src-shared/model/syslog/gapFacts.ts';
import { compareLineAge, type KeptGap } from '../../../../src-shared/model/syslog/keptLine.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { places } from '../../../state/places.ts';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { Detail } from '../../../ui/layout/Split.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { estimateLines } from './gaps.ts';
import type { ShownLine } from './shownLine.ts';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type Fact = [string, ReactNode];

const moment = (at: number): ReactNode => <Moment at={new Date(at).toISOString()} />;

function describeBytes({ fromByte, toByte }: KeptGap): string {
  return toByte === null
    ? `from ${formatCount(fromByte)}; the end is not known`
    : `${formatCount(fromByte)} to ${formatCount(toByte)}, ${formatCount(toByte - fromByte)} in all`;
}

/** A loaded line beside the gap, with a button that shows it. */
function Neighbour({ shown, onGo }: { shown: ShownLine | undefined; onGo: (shown: ShownLine) => void }) {
  if (shown === undefined) return <>not loaded</>;
  return (
    <span className={layout.row}>
      {moment(shown.kept.key.sort)}
      <Button small onClick={() => onGo(shown)}>
        Show
      </Button>
    </span>
  );
}

/** The bounds of a gap, its reason, and what to do. `lines` are the loaded ones, oldest first. */
export function GapDetail(props: {
  gap: KeptGap;
  name: string;
  lines: readonly ShownLine[];
  onGo: (shown: ShownLine) => void;
  onClose: () => void;
}) {
  const { gap, name } = props;
  const own = props.lines.filter(({ kept }) => kept.applianceId === gap.applianceId);
  const before = own.findLast(({ kept }) => compareLineAge(kept.key, gap.key) < 0);
  const after = own.find(({ kept }) => compareLineAge(kept.key, gap.key) > 0);
  const estimate = estimateLines(gap, own);
  const { text, next } = gapFacts[gap.reason];
  const lost: Fact[] =
    estimate === null
      ? []
      : [['Lines', `about ${formatCount(estimate)}, by the mean length of the lines around`]];
  const said: Fact[] =
    gap.text === '' ? [] : [['The appliance said', <MachineText key="t" text={gap.text} />]];
  const facts: Fact[] = [
    [
      'Appliance',
      <PlaceLink key="a" to={places.appliance(name)}>
        {name}
      </PlaceLink>,
    ],
    ['File', gap.file === null ? 'not known' : `device ${gap.file.device}, inode ${gap.file.inode}`],
    ['Bytes', describeBytes(gap)],
    ...lost,
    ['Not read since', gap.since === null ? 'never read' : moment(gap.since)],
    ['Found', moment(gap.until)],
    ['Line before', <Neighbour key="b" shown={before} onGo={props.onGo} />],
    ['Line after', <Neighbour key="c" shown={after} onGo={props.onGo} />],
    ...said,
  ];
  return (
    <Detail label="Gap">
      <Card
        title="Gap"
        tone="warn"
        aside={
          <Button small kind="quiet" onClick={props.onClose} label="Close details">
            ✕
          </Button>
        }
      >
        <div className={layout.stack}>
          <p>{text}</p>
          <Facts facts={facts} />
          <h3 className={textStyles.sub}>Next step</h3>
          <p>{next}</p>
        </div>
      </Card>
    </Detail>
  );
}
