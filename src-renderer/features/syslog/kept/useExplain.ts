import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { builtInRules } from '../../../../src-shared/model/syslog/explain/builtInRules.ts';
import { createExplainer } from '../../../../src-shared/model/syslog/explain/explainRule.ts';
import { useConsole } from '../../../rpc/client.tsx';

const staleMs = 10_000;

/** Explains lines by the operator's own rules and then by ours. `own` is undefined until the own ones are read. */
export function useExplain() {
  const { queries } = useConsole();
  const { data: own } = useQuery(queries.logs.explainRules.queryOptions({ input: {}, staleTime: staleMs }));
  const explain = useMemo(() => createExplainer([...(own?.rules ?? []), ...builtInRules]), [own]);
  return { explain, own };
}
