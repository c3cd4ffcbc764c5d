import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/**
 * A component whose code is loaded when it is first rendered, or earlier by `preload`. Shows `fallback` until
 * then. Unlike React.lazy, it loads again when it is rendered again after a failure.
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
