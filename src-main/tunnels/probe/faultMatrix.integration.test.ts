import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applicableCases,
  documentedVerdict,
  startFaultMatrix,
} from '../../../test-support/faultMatrix/faultMatrix.ts';

const cases = applicableCases(['connect']);
let matrix: Awaited<ReturnType<typeof startFaultMatrix>>;

beforeAll(async () => {
  matrix = await startFaultMatrix(cases);
});
afterAll(() => matrix.stop());

describe('a tunnel of Connect', () => {
  test.each(cases)('when this happens, is named rightly and as documented: $fault', async (one) => {
    const detection = await matrix.detection(one);
    expect(detection).toMatchObject(one.row.expected[one.kind]);
    expect(documentedVerdict(one, detection) ?? detection).toMatchObject(one.row.expected[one.kind]);
  });
});
