import { PartBoundary } from '../feedback/PartBoundary.tsx';
import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/**
 * A component whose code is loaded when it is first rendered, or earlier by `preload`. Shows `fallback` until
 * then. If loading fails, only this component shows an error, whatever surrounds it, and can load again.
 */
export function lazyComponent<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let loaded: ComponentType<Props> | null = null;
  let loading: Promise<void> | null = null;

  function preload(): Promise<void> {
    loading ??= loadNow();
    return loading;
  }

  async function loadNow(): Promise<void> {
    try {
      loaded = await load();
    } catch (thrown) {
      loading = null;
      throw thrown;
    }
  }

  function Content({ props, fallback }: { props: Props; fallback: ReactNode }) {
    const [Loaded, setLoaded] = useState(() => loaded);
    const [failed, setFailed] = useState<{ failure: unknown } | null>(null);
    useEffect(() => {
      let isShown = true;
      preload().then(
        () => isShown && setLoaded(() => loaded),
        (failure: unknown) => isShown && setFailed({ failure }),
      );
      return () => {
        isShown = false;
      };
    }, []);
    if (failed !== null) throw failed.failure;
    return Loaded === null ? fallback : <Loaded {...props} />;
  }

  /** `dialog` is for a component that brings its own dialog: the error is shown in that one. */
  function Component({
    props,
    fallback,
    part = 'This part',
    dialog,
  }: {
    props: Props;
    fallback: ReactNode;
    part?: string;
    dialog?: { title: string; onClose: () => void };
  }) {
    return (
      <PartBoundary part={part} {...(dialog === undefined ? {} : { dialog })}>
        <Content props={props} fallback={fallback} />
      </PartBoundary>
    );
  }

  return { Component, preload };
}
