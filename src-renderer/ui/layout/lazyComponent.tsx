import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/**
 * A component whose code is loaded when it is first drawn, or before by `preload`; `fallback` stands in its place until
 * then. Unlike with React.lazy, drawing it again after a failed load tries again.
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

  function Component({ props, fallback }: { props: Props; fallback: ReactNode }) {
    const [state, setState] = useState<{ failure?: unknown }>({});
    useEffect(() => {
      let isShown = true;
      if (loaded === null)
        preload().then(
          () => isShown && setState({}),
          (failure: unknown) => isShown && setState({ failure }),
        );
      return () => {
        isShown = false;
      };
    }, []);
    if ('failure' in state) throw state.failure;
    const Loaded = loaded;
    return Loaded === null ? fallback : <Loaded {...props} />;
  }

  return { Component, preload };
}
