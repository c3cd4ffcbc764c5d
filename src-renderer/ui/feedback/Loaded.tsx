import type { ReactNode } from 'react';
import { toErrorData } from '../../rpc/errors.ts';
import { Card } from '../layout/Card.tsx';
import { Page, PageHead } from '../layout/Page.tsx';
import { ErrorNotice, Skeleton } from './States.tsx';

type Query<Data> = {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => Promise<unknown>;
};

function isNothing(data: unknown): data is null | undefined | [] {
  return data == null || (Array.isArray(data) && data.length === 0);
}

/**
 * Renders the data of a query: a skeleton while loading, an error with a retry if loading failed, `empty` for
 * null or an empty list. Keeps showing loaded data if a later reading fails.
 */
export function Loaded<Data>({
  query,
  skeleton,
  empty = null,
  children,
}: {
  query: Query<Data>;
  skeleton: ReactNode;
  empty?: ReactNode;
  children: (data: NonNullable<Data>) => ReactNode;
}) {
  const { data } = query;
  if (query.isPending) return skeleton;
  if (data === undefined)
    return <ErrorNotice error={toErrorData(query.error)} onRetry={() => void query.refetch()} />;
  return isNothing(data) ? empty : children(data);
}

/** A page while it loads: its heading, and placeholders for the rest. */
export function HeadSkeleton({ title, sub }: { title: ReactNode; sub?: ReactNode }) {
  return (
    <>
      <PageHead title={title} sub={sub} />
      <Card>
        <Skeleton lines={8} />
      </Card>
    </>
  );
}

/** A page whose code is loading. */
export function PageSkeleton({ title }: { title: ReactNode }) {
  return (
    <Page>
      <HeadSkeleton title={title} />
    </Page>
  );
}
