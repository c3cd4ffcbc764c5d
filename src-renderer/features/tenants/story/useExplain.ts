import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { builtInRules } from '../../../../src-shared/model/syslog/explain/builtInRules.ts';
import {
  createExplainer,
  listEventPrograms,
} from '../../../../src-shared/model/syslog/explain/explainRule.ts';
import { useConsole } from '../../../rpc/client.tsx';

const staleMs = 10_000;

/**
 * Explains lines by the operator's own rules and then by ours. `own` is undefined until the own ones are read.
 * `eventPrograms`: those whose lines can say what happens to a tenant; null if any line can.
 */
export function useExplain() {
  const { queries } = useConsole();
  const { data: own } = useQuery(queries.logs.explainRules.queryOptions({ input: {}, staleTime: staleMs }));
  return useMemo(() => {
    const rules = [...(own?.rules ?? []), ...builtInRules];
    return { own, explain: createExplainer(rules), eventPrograms: listEventPrograms(rules) };
  }, [own]);
}
