import { AppError } from '../../../../src-shared/errors.ts';
import type { FieldTest } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import {
  compareOrder,
  createLineMatcher,
  type QueryableLine,
} from '../../../../src-shared/model/syslog/query/matchLine.ts';
import { facilities, severities } from '../../../../src-shared/model/syslog/syslogLine.ts';
import { noPid } from '../columns.ts';
import { eachBit, emptyBitmap, setBit, type Bitmap } from './bitmap.ts';
import type { BlockView } from './blockView.ts';

/** The name of an appliance by its ID, as queries write it. */
export type ApplianceNames = Readonly<Record<string, string>>;

type Test = (line: number) => boolean;

const blank: QueryableLine = {
  time: null,
  receivedAt: '',
  host: null,
  program: null,
  pid: null,
  severity: null,
  head: '',
  message: '',
  appliance: '',
  tenants: [],
  ports: [],
};

/** A test of a line by the number of its name: each name of the block is tested once. */
function testNames(numbers: Uint16Array, names: readonly string[], fits: (name: string) => boolean): Test {
  const fitting = [false, ...names.map(fits)];
  return (line) => fitting[numbers[line] ?? 0] ?? false;
}

function facilityLine(short: string): QueryableLine {
  return { ...blank, head: `<${facilities.findIndex((facility) => facility.short === short) * 8}>` };
}

function createTest(test: FieldTest, names: ApplianceNames): (view: BlockView) => Test {
  const fits = createLineMatcher(test);
  switch (test.field) {
    case 'severity': {
      const fitting = severities.map((severity) => fits({ ...blank, severity }));
      return ({ columns }) =>
        (line) =>
          fitting[columns.severity[line] ?? severities.length] ?? false;
    }
    case 'time':
      return ({ columns }) =>
        (line) =>
          compareOrder(columns.time[line] ?? 0, test.op, test.value);
    case 'pid':
      return ({ columns }) =>
        (line) => {
          const pid = columns.pid[line] ?? noPid;
          return pid !== noPid && compareOrder(pid, test.op, test.value);
        };
    case 'program':
      return ({ columns }) =>
        testNames(columns.program, columns.programs, (program) => fits({ ...blank, program }));
    case 'host':
      return ({ columns }) => testNames(columns.host, columns.hosts, (host) => fits({ ...blank, host }));
    case 'facility':
      return ({ columns }) =>
        testNames(columns.facility, columns.facilities, (short) => fits(facilityLine(short)));
    case 'appliance':
      return ({ appliance }) => {
        const isFitting = fits({ ...blank, appliance: names[appliance] ?? appliance });
        return () => isFitting;
      };
    case 'port':
    case 'tenant':
      throw new AppError(
        'INVALID_INPUT',
        `Kept lines can’t be searched by ${test.field} alone: name the words that its lines have.`,
      );
  }
}

/** Finds the lines of `mask` whose field fits. Throws INVALID_INPUT for a field that the store does not know. */
export function createFieldLeaf(
  test: FieldTest,
  names: ApplianceNames,
): (view: BlockView, mask: Bitmap) => Bitmap {
  const testOf = createTest(test, names);
  return (view, mask) => {
    const found = emptyBitmap(view.columns.count);
    const fits = testOf(view);
    eachBit(mask, (line) => {
      if (fits(line)) setBit(found, line);
    });
    return found;
  };
}
